// What analytics cost: the report over many calls, and the event loop's time for recording one.
import { randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { currentHost } from "../../src/base/host.ts";
import { createAnalytics } from "../../src/stores/analytics/analytics.ts";
import { type CallEvent, timestampOf } from "../../src/stores/analytics/event.ts";
import { createStore } from "../../src/stores/analytics/store.ts";
import { pause, runToEnd, timed } from "./process.ts";
import type { Row, Told } from "./row.ts";
import { BIN, ROOM } from "./server.ts";
import { figure } from "./statistics.ts";

export const analytics: readonly Row[] = [
  { id: "analytics", what: "`--analytics` over 100,000 recorded calls", floor: "—", measure: report },
  {
    id: "recording",
    what: "the event loop's time for recording a call",
    floor: "making the event alone",
    measure: recording,
  },
];

const WEEK_MS = 7 * 86_400_000;

function callAt(at: number, index: number): CallEvent {
  return {
    table: "events",
    timestamp: timestampOf(at),
    session_id: "bench",
    command_name: `search_${index % 20}`,
    duration_ms: (index * 7919) % 2000,
    success: index % 10 === 0 ? 0 : 1,
    error_message: "",
    output_size: index,
    execution_mode: index % 3 === 0 ? "container" : "local",
    call_id: randomUUID(),
    outcome: index % 10 === 0 ? "failed" : "completed",
    caller: "local",
    executor: "local",
    exit_code: 0,
    signal: null,
    reason: null,
    attempt: 1,
    cached: 0,
  };
}

async function report(): Promise<Told> {
  const [file, path, count] = [join(ROOM, "analytics.yaml"), join(ROOM, "calls.db"), 100_000];
  writeFileSync(file, "commands: []\nanalytics: { enabled: true, database_path: calls.db }\n");
  const store = createStore(path);
  const first = Date.now() - WEEK_MS;
  for (let begun = 0; begun < count; begun += 1000) {
    const batch = Array.from({ length: 1000 }, (_, at) => callAt(first + ((begun + at) / count) * WEEK_MS, begun + at));
    store.write({ events: batch, before: null });
  }
  store.close();
  const times: number[] = [];
  for (let round = 0; round < 9; round++)
    times.push((await timed(() => runToEnd([BIN, "analytics", "-c", file]))) / 1000);
  rmSync(path);
  return { figures: [figure(times, "s", { target: { atMost: 1 } })] };
}

/** What making and recording an event adds to making one alone, with pauses in which batches are written. */
async function recording(): Promise<Told> {
  const added: number[] = [];
  for (let round = 0; round < 5; round++) {
    const floor = await busy(false, round);
    added.push((await busy(true, round)) - floor);
  }
  return { figures: [figure(added, "ms", { target: { atMost: 1 } })] };
}

const CALLS = 2000;

/** Milliseconds of the event loop for each event. */
async function busy(enabled: boolean, round: number): Promise<number> {
  const databasePath = join(ROOM, `recording-${round}.db`);
  const settings = { enabled, databasePath, retentionDays: 30 };
  const recorder = createAnalytics({ host: currentHost(), apart: true, settings: () => settings });
  recorder.record(callAt(Date.now(), 0));
  await pause(500);
  const before = performance.eventLoopUtilization();
  for (let index = 0; index < CALLS; index++) {
    recorder.record(callAt(Date.now(), index));
    if (index % 5 === 0) await pause(1);
  }
  await pause(500);
  const { active } = performance.eventLoopUtilization(before);
  await recorder.close();
  return active / CALLS;
}
