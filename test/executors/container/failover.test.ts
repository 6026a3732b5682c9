// Several engines for one command: the least busy one runs it, another one where that is down, and never two.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Proxy, createProxy } from "../../containers/proxy.ts";
import { engineHost, privateEngine } from "../../engines.ts";
import { atEnd, poll } from "../../rig.ts";
import { NOTE, type Stage, inside, stage } from "./stage.ts";

const target = await engineHost();
const CREATE = /\/containers\/create/;

interface Two {
  readonly on: Stage;
  readonly first: Proxy;
  readonly second: Proxy;
}

/** Two ways to one engine, as if they were two. */
async function two(script: string): Promise<Two> {
  const [first, second] = [createProxy(target), createProxy(target)];
  for (const each of [first, second]) atEnd(() => each.close());
  const on = await stage(target, { t: inside(script, { container: { engine: [first.host, second.host] } }) });
  return { on, first, second };
}

async function begun({ on }: Two, many: number): Promise<void> {
  await poll(
    () => on.runs() === many,
    () => `${on.runs()} of ${many} began`,
  );
}

describe("a command with two engines", () => {
  it("runs on the least busy one", async () => {
    const all = await two(`${NOTE}; until [ -e go ]; do sleep 0.05; done`);
    const calls = [1, 2, 3, 4].map(() => all.on.call("t"));
    await begun(all, 4);
    expect([all.first.count(CREATE), all.second.count(CREATE)]).toEqual([2, 2]);
    writeFileSync(join(all.on.folder, "go"), "");
    for (const outcome of await Promise.all(calls)) expect(outcome.kind).toBe("completed");
    await all.on.nothingLeft();
  });

  it("runs on the other one where one is down, which is then left alone for a while", async () => {
    const { on, first, second } = await two(NOTE);
    first.refuse();
    expect(await on.call("t")).toMatchObject({ kind: "completed" });
    first.mend();
    expect(await on.call("t")).toMatchObject({ kind: "completed" });
    expect([first.count(), second.count(CREATE)]).toEqual([0, 2]);
    second.refuse();
    expect(await on.call("t")).toMatchObject({ kind: "completed" });
    expect(first.count(CREATE)).toBe(1);
    first.refuse();
    expect(await on.call("t")).toMatchObject({ kind: "refused", code: "engine.down" });
    expect(on.runs()).toBe(3);
    first.mend();
    second.mend();
    await on.nothingLeft();
  });

  it("runs once, on the other one, when one goes down at any request before the start", async () => {
    for (const step of [/\/images\//, CREATE, /\/attach/, /\/wait/]) {
      const { on, first, second } = await two(NOTE);
      first.lose(step);
      expect(await on.call("t")).toMatchObject({ kind: "completed" });
      expect([on.runs(), second.count(CREATE)]).toEqual([1, 1]);
      first.mend();
      await on.nothingLeft();
    }
  });

  it("runs on the one that has its image; where none has it, the first says so", async () => {
    const bare = await privateEngine([]);
    atEnd(() => bare.down());
    const engine = [bare.host, target];
    const on = await stage(target, {
      t: inside(NOTE, { container: { engine } }),
      none: inside(NOTE, { container: { engine, image: "mcpfier/none:test" } }),
    });
    expect(await on.call("t")).toMatchObject({ kind: "completed" });
    const outcome = await on.call("none");
    expect(outcome).toMatchObject({ kind: "refused", code: "image.missing" });
    expect(outcome).toHaveProperty("problems.0", expect.stringContaining(bare.host.replace("unix://", "")));
    expect(on.runs()).toBe(1);
  });

  it("is not run again when its engine goes down at the start or after it", async () => {
    for (const when of ["at", "after"]) {
      const all = await two(`${NOTE}; sleep 60`);
      const { on, first, second } = all;
      if (when === "at") first.lose(/\/containers\/\w+\/(?:start|json)/);
      const calling = on.call("t");
      await begun(all, 1);
      if (when === "after") {
        first.refuse();
        first.cut();
      }
      expect(await calling).toMatchObject({ kind: "unknown", exitCode: null });
      expect([on.runs(), second.count()]).toEqual([1, 0]);
      first.mend();
      await on.nothingLeft();
      expect(on.runs()).toBe(1);
    }
  });
});
