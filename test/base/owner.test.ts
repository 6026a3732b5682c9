import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { isDead, ownerId } from "../../src/base/owner.ts";

it("tells this process from all others", () => {
  expect(ownerId()).toMatch(new RegExp(`^${process.pid}-\\d+-\\d+$`));
  expect(ownerId()).toBe(ownerId());
  expect(isDead(ownerId())).toBe(false);
});

it("knows that a process has ended, also when its number is another's now, and of a foreign namespace nothing", async () => {
  const [pid = "", started = "", namespace = ""] = ownerId().split("-");
  const child = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
  const stat = readFileSync(`/proc/${child.pid}/stat`, "latin1");
  const owner = `${child.pid}-${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}-${namespace}`;
  expect(isDead(owner)).toBe(false);
  child.stdin.end();
  await once(child, "exit");
  expect(isDead(owner)).toBe(true);
  expect(isDead(`${pid}-${Number(started) + 1}-${namespace}`)).toBe(true);
  expect(isDead(`${pid}-${started}-${Number(namespace) + 1}`)).toBe(false);
  expect(isDead(owner.replace(/\d+$/, "1"))).toBe(false);
});

it.each(["", "x", "1", "-1-0-0", "0-0-0", "1e3-2-3"])("takes %j for nobody that has ended", (owner) => {
  expect(isDead(owner)).toBe(false);
});
