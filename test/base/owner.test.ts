import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { isDead, ownerId, startTime } from "../../src/base/owner.ts";
import { atEnd } from "../rig.ts";

const [, , namespace] = ownerId().split("-");

it("this process lives, and one that had its number before does not", () => {
  expect(isDead(ownerId())).toBe(false);
  expect(isDead(`${process.pid}-1-${namespace}`)).toBe(true);
});

it("of another pid namespace, and of what is no owner, nothing can be told", () => {
  expect(isDead(`${process.pid}-1-1`)).toBe(false);
  expect(isDead("somebody")).toBe(false);
});

it("one that has ended and was not collected by its parent is dead", async () => {
  const script =
    '$| = 1; my $pid = fork; exit 0 unless $pid; waitid_is_not_called(); print "$pid\\n"; sleep 100; sub waitid_is_not_called {}';
  const parent = spawn("perl", ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(parent, "exit");
  atEnd(async () => {
    parent.kill("SIGKILL");
    await ended;
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  const owner = `${pid}-${startTime(pid)}-${namespace}`;
  await expect.poll(() => isDead(owner)).toBe(true);
});
