// Servers as they are published, which end in every way while containers run.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { OWNER } from "../../../src/executors/container/labels.ts";
import { type Listed, docker } from "../../engines.ts";
import { atEnd } from "../../rig.ts";
import { type Raw, raw } from "../../mcp/raw.ts";
import { becomes, containersOfProcess, engine } from "./inside.ts";

const CATALOGUE = `
defaults: { container: "mcpfier/busybox:test" }
commands:
  - { name: stay, description: d, run: [sleep, "600"], timeout: 1h }
  - { name: deaf, description: d, shell: sh, run: "trap '' TERM; while :; do sleep 1; done", timeout: 1h }
`;

function serve(): Promise<Raw> {
  return raw(CATALOGUE, {}, { env: { DOCKER_HOST: engine } });
}

async function serving(count: number, tool = "stay"): Promise<Raw> {
  const session = await serve();
  for (let id = 1; id <= count; id++) session.call(id, tool, {});
  await becomes(
    () => containersOfProcess(session.child.pid),
    (all) => all.length === count && all.every(({ State }) => State === "running"),
  );
  return session;
}

/** A container that mcpfier did not make; gone after the test. */
async function foreign(verb: "create" | "run -d", labels: Listed["Labels"] = {}): Promise<string> {
  const words = Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`);
  const id = await docker(engine, ...verb.split(" "), "--init", ...words, "mcpfier/busybox:test", "sleep", "600");
  atEnd(() => docker(engine, "rm", "--force", id));
  return id;
}

async function ids(): Promise<readonly string[]> {
  return (await docker(engine, "ps", "--all", "--quiet", "--no-trunc")).split("\n");
}

/** How a server ends; fails when that takes 10 s. */
async function exitOf(session: Raw): Promise<number | null> {
  const late = sleep(10_000, undefined, { ref: false }).then(() => Promise.reject(new Error("it does not end")));
  return Promise.race([session.exited(), late]);
}

describe("a server that is killed with 8 containers running", () => {
  it("is followed by one that removes those 8 and what it had not started yet, and nothing else", async () => {
    const [dead, other] = await Promise.all([serving(8), serving(1)]);
    const left = await containersOfProcess(dead.child.pid);
    const { Labels } = left[0] as Listed;
    const unstarted = await foreign("create", Labels);
    const kept = [
      ...(await containersOfProcess(other.child.pid)).map(({ Id }) => Id),
      await foreign("run -d"),
      await foreign("run -d", { "mcpfier.call": "someone" }),
      await foreign("run -d", { [OWNER]: "no owner of ours" }),
      await foreign("create", { ...Labels, "mcpfier.machine": "another" }),
      await foreign("run -d", { ...Labels, "mcpfier.boot": "another" }),
    ];
    dead.child.kill("SIGKILL");
    await dead.exited();
    // Nobody else has removed them.
    expect((await containersOfProcess(dead.child.pid)).length).toBeGreaterThanOrEqual(9);
    const next = await serve();
    const gone = [...left.map(({ Id }) => Id), unstarted];
    const now = await becomes(ids, (all) => !gone.some((id) => all.includes(id)));
    expect(now).toEqual(expect.arrayContaining(kept));
    // It goes on with what it is there for.
    next.call(1, "stay", {});
    await becomes(
      () => containersOfProcess(next.child.pid),
      (all) => all.length === 1,
    );
    expect(await ids()).toEqual(expect.arrayContaining(kept));
  });
});

describe("a server that ends while containers run", () => {
  it.each([
    ["at SIGTERM", (session: Raw) => session.child.kill("SIGTERM")],
    ["at SIGINT", (session: Raw) => session.child.kill("SIGINT")],
    ["when its client has gone", (session: Raw) => session.child.stdin?.end()],
  ])("leaves nothing, and exits with 0 (%s)", async (_how, end) => {
    const session = await serving(2);
    session.call(3, "deaf", {});
    await becomes(
      () => containersOfProcess(session.child.pid),
      (all) => all.length === 3 && all.every(({ State }) => State === "running"),
    );
    end(session);
    expect(await exitOf(session)).toBe(0);
    expect(await containersOfProcess(session.child.pid)).toEqual([]);
  });

  it("leaves nothing of those that were about to start, either", async () => {
    const session = await serve();
    for (let id = 1; id <= 6; id++) session.call(id, "stay", {});
    await becomes(
      () => containersOfProcess(session.child.pid),
      (all) => all.length > 0,
    );
    session.child.kill("SIGTERM");
    expect(await exitOf(session)).toBe(0);
    expect(await containersOfProcess(session.child.pid)).toEqual([]);
  });

  it("is swept after by the next one, also where the first sweep was killed half way", async () => {
    const first = await serving(4);
    first.child.kill("SIGKILL");
    await first.exited();
    const second = await serve();
    await becomes(
      () => containersOfProcess(first.child.pid),
      (all) => all.length < 4,
    );
    second.child.kill("SIGKILL");
    await serve();
    await becomes(
      () => containersOfProcess(first.child.pid),
      (all) => all.length === 0,
    );
  });
});
