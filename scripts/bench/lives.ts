// What the rows started ends with them, and all that is left goes when the bench does, whatever ends it.
import { readFileSync, readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { descendants } from "./process.ts";

/** In the environment of all that is started from here on, and so of what they start: what was left by its parent is found too. */
const MARK = "BENCH_ROOM";
/** A server has so long to end its own programs. */
const GRACE_MS = 5000;
const LOOK_MS = 20;

/** What ends a run, and the code that it ends with. */
export const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Has `tidy` run at the end, whichever it is, when nothing runs any more. */
export function begin(room: string, tidy: () => void): void {
  process.env[MARK] = room;
  process.on("exit", () => {
    endAll();
    tidy();
  });
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => process.exit(code));
}

/**
 * Has a signal heard that came while a program was waited for with the event loop held. It ended that program, too, as a
 * rule, and what that looks like is no result: nothing may be made of it before this resolves.
 */
export async function hear(): Promise<void> {
  // The first may still come in the turn that was held; the next turn begins with a look for signals.
  await setImmediate();
  await setImmediate();
}

/** The environment for what outlives a row. */
export function unmarked(): NodeJS.ProcessEnv {
  const { [MARK]: _, ...others } = process.env;
  return others;
}

/** Ends what runs. Nothing else happens meanwhile: a row that is being measured starts nothing more. */
function endAll(): void {
  const until = performance.now() + GRACE_MS;
  const asked = new Set<number>();
  for (let left = running(); left.length > 0 && performance.now() < until; left = running()) {
    for (const pid of left) if (!asked.has(pid)) send(pid, "SIGTERM");
    for (const pid of left) asked.add(pid);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
  }
  for (const pid of running()) for (const each of [...descendants(pid), pid]) send(each, "SIGKILL");
}

/** Those that bear the mark; one that has ended shows no environment. */
function running(): number[] {
  const mark = `${MARK}=${process.env[MARK]}`;
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && environment(pid).includes(mark));
}

function environment(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
