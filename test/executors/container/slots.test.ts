// What a call whose end was not seen holds, and for how long.
import { expect, it } from "vitest";
import { containersOf, engineHost } from "../../engines.ts";
import { poll } from "../../rig.ts";
import { NOTE, type Stage, inside, stage } from "./stage.ts";

const target = await engineHost();

/** A call whose container runs, and of which we do not hear that it does. */
async function lost(): Promise<{ readonly on: Stage; readonly callId: string }> {
  const script = `${NOTE}; [ "$(wc -l <runs)" -gt 1 ] || sleep 60`;
  const on = await stage(target, { t: inside(script, { concurrency: 1 }) });
  on.proxy.lose(/\/containers\/\w+\/(?:start|json)/);
  on.proxy.freeze(/^DELETE/);
  const { kind, callId } = await on.call("t");
  expect(kind).toBe("unknown");
  return { on, callId };
}

it("its place, while the container runs and its engine answers", async () => {
  const { on, callId } = await lost();
  const doing: string[] = [];
  const next = on.call("t", { doing: (what) => doing.push(what) });
  await poll(
    () => doing.includes("waiting for a free slot"),
    () => `it is ${doing.at(-1)}`,
  );
  expect(await containersOf(target, `mcpfier.call=${callId}`)).toHaveLength(1);
  on.proxy.mend();
  expect(await next).toMatchObject({ kind: "completed" });
  expect(await containersOf(target, `mcpfier.call=${callId}`)).toEqual([]);
  await on.nothingLeft();
});

it("nothing, when its engine does not answer", async () => {
  const { on } = await lost();
  on.proxy.refuse();
  on.proxy.cut();
  expect(await on.call("t")).toMatchObject({ kind: "refused", code: "engine.down" });
  on.proxy.mend();
  await on.nothingLeft();
});
