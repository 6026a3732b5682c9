// What becomes of calls, seen by a client without a library: M9 to M11 and M21.
import { existsSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { poll } from "../rig.ts";
import { query } from "../stores/analytics.ts";
import { type Line, wire } from "./wire.ts";

const CATALOGUE = `
commands:
  - { name: quick, description: d, run: ["true"], isolation: group }
  - { name: wait, description: d, shell: sh, isolation: group, run: "trap 'echo > stopped; exit' TERM; echo begun; echo > began; until [ -e go ]; do sleep 0.02; done" }
`;
const RECORDED = `${CATALOGUE}analytics: { enabled: true, database_path: calls.db }\n`;

const call = (id: number, name: string, more: object = {}): object => ({
  id,
  method: "tools/call",
  params: { name, ...more },
});
const cancel = (requestId: number): object => ({ method: "notifications/cancelled", params: { requestId } });

test("M9: a call whose cancel meets its end has one outcome and at most one answer", async () => {
  const session = await wire(RECORDED);
  const rounds = 100;
  for (let id = 0; id < rounds; id++) {
    session.send(call(id, "quick"));
    // From together with the call to about when it ends.
    for (let turn = id % 8; turn > 0; turn--) await new Promise((done) => setTimeout(done, 1));
    session.send(cancel(id));
  }
  await session.settled();
  expect(await session.end()).toBe(0);
  const ids = session.lines().flatMap(({ id }) => (typeof id === "number" ? [id] : []));
  expect(new Set(ids).size).toBe(ids.length);
  const rows = query(join(session.folder, "calls.db"), "SELECT call_id, outcome FROM events");
  expect(new Set(rows.map((row) => row["call_id"])).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(0);
  const finished = rows.filter((row) => row["outcome"] === "completed");
  // What was answered had ended, and nothing that had ended was taken for cancelled.
  expect(finished.length).toBeGreaterThanOrEqual(ids.length);
  expect(rows.filter((row) => row["outcome"] !== "cancelled")).toEqual(finished);
});

test("M10: of 10,000 calls at once each is answered, refused for a full queue, or cancelled", async () => {
  const session = await wire(CATALOGUE);
  const count = 10_000;
  session.send(...Array.from({ length: count }, (_, id) => call(id, "wait")));
  // Four run for each core, and a thousand wait.
  const refused = await session.settled(count - 1000 - 4 * availableParallelism());
  await poll(
    () => existsSync(join(session.folder, "began")),
    () => session.stderr(),
  );
  expect(new Set(refused.map((line) => line.id)).size).toBe(refused.length);
  const isFull = (line: Line): boolean => JSON.stringify(line.result).includes("refused (queue.full)");
  expect(refused.filter((line) => !isFull(line))).toEqual([]);
  const answered = new Set(refused.map((line) => line.id));
  const open = Array.from({ length: count }, (_, id) => id).filter((id) => !answered.has(id));
  // Those that wait for a slot first, so that none of them begins.
  session.send(...open.slice(1).toReversed().map(cancel));
  await session.settled();
  writeFileSync(join(session.folder, "go"), "");
  expect((await session.answer(open[0] ?? -1)).result).not.toHaveProperty("isError");
  expect(session.stderr()).not.toMatch(/MaxListeners/);
  expect((await session.settled()).length).toBe(refused.length + 1);
});

test("M11: progress goes to the request that gave its token, also when two gave the same, and ends with the answer", async () => {
  const session = await wire(CATALOGUE);
  const _meta = { progressToken: "t" };
  session.send(call(1, "wait", { _meta }), call(2, "wait", { _meta }), call(3, "wait"));
  const told = (): readonly Line[] => session.lines().filter((line) => line.method === "notifications/progress");
  const began = (): number => told().filter((line) => line.params?.["message"] === "begun").length;
  await poll(
    () => began() === 2,
    () => `${began()} of two were told`,
  );
  writeFileSync(join(session.folder, "go"), "");
  await session.settled(3 + told().length);
  const lines = session.lines();
  expect(new Set(told().map((line) => line.params?.["progressToken"]))).toEqual(new Set(["t"]));
  expect(began()).toBe(2);
  const last = Math.max(...[1, 2].map((id) => lines.findIndex((line) => line.id === id)));
  expect(lines.slice(last).filter((line) => line.method)).toEqual([]);
});

test("M21: a cancel after the answer changes nothing, and the call stays completed", async () => {
  const session = await wire(RECORDED);
  for (let id = 0; id < 3; id++) {
    session.send(call(id, "quick"));
    await session.answer(id);
    session.send(cancel(id), cancel(id));
  }
  expect(await session.settled()).toHaveLength(3);
  expect(await session.end()).toBe(0);
  const rows = query(join(session.folder, "calls.db"), "SELECT outcome FROM events");
  expect(rows).toEqual([{ outcome: "completed" }, { outcome: "completed" }, { outcome: "completed" }]);
});

test("a cancel is heard while megabytes of answers lie unread, and all of them come once they are read", async () => {
  const session = await wire(CATALOGUE);
  session.send(call(0, "wait"));
  await poll(
    () => existsSync(join(session.folder, "began")),
    () => session.stderr(),
  );
  session.child.stdout?.pause();
  const count = 2000;
  session.send(...Array.from({ length: count }, (_, id) => ({ id: id + 1, method: "tools/list" })), cancel(0));
  await poll(
    () => existsSync(join(session.folder, "stopped")),
    () => "the call was not stopped",
  );
  expect(session.lines().length).toBeLessThan(count / 2);
  session.child.stdout?.resume();
  expect(await session.settled(count)).toHaveLength(count);
});
