// The rows of scripts/bench.ts that measure the analytics.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { currentHost } from "../src/base/host.ts";
import { createAnalytics } from "../src/stores/analytics/analytics.ts";
import { type CallEvent, timestampOf } from "../src/stores/analytics/event.ts";
import { createStore } from "../src/stores/analytics/store.ts";
import { BIN, ROOM, type Row, quantile, timed } from "./bench-tools.ts";

export const rows: readonly Row[] = [
  { what: "--analytics over 100,000 recorded calls", measure: report },
  { what: "the event loop's time for recording a call", measure: recording },
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

async function report(): Promise<string> {
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
    times.push(
      await timed(async () => {
        const child = spawn(process.execPath, [BIN, "analytics", "-c", file], { stdio: "ignore" });
        await new Promise((resolve) => child.once("close", resolve));
      }),
    );
  rmSync(path);
  return `p50 ${quantile(times, 0.5).toFixed(0)} ms, longest ${Math.max(...times).toFixed(0)} ms`;
}

/** What making and recording an event adds to making one alone, with pauses in which batches are written. */
async function recording(): Promise<string> {
  const added: number[] = [];
  for (let round = 0; round < 5; round++) {
    const floor = await busy(false, round);
    added.push((await busy(true, round)) - floor);
  }
  return `${(quantile(added, 0.5) * 1000).toFixed(0)} µs`;
}

const CALLS = 2000;

/** Milliseconds of the event loop for each event. */
async function busy(enabled: boolean, round: number): Promise<number> {
  const databasePath = join(ROOM, `recording-${round}.db`);
  const settings = { enabled, databasePath, retentionDays: 30 };
  const analytics = createAnalytics({ host: currentHost(), apart: true, settings: () => settings });
  analytics.record(callAt(Date.now(), 0));
  await sleep(500);
  const before = performance.eventLoopUtilization();
  for (let index = 0; index < CALLS; index++) {
    analytics.record(callAt(Date.now(), index));
    if (index % 5 === 0) await sleep(1);
  }
  await sleep(500);
  const { active } = performance.eventLoopUtilization(before);
  await analytics.close();
  return active / CALLS;
}
