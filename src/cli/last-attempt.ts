import type { Sink } from "../base/sink.ts";
import type { Outcome } from "../pipeline/call.ts";

/** More than this of one attempt is not held in memory. */
const MOST = 64 * 1024 * 1024;

/** Holds back what a command prints until it is known which attempt is its last. */
export interface LastAttempt {
  readonly stdout: Sink;
  /** What came so far is that of an attempt that failed. */
  again(): void;
  /** Passes on what is held of the attempt that became the outcome. */
  end(outcome: Outcome): Promise<void>;
}

/** An attempt that prints more than 64 MiB is passed on as it comes, and so is the last that the command has. */
export function lastAttempt(sink: Sink, attempts: number, most = MOST): LastAttempt {
  let attempt = 1;
  let before: Buffer[] = [];
  let held: Buffer[] = [];
  let bytes = 0;

  async function stdout(chunk: Buffer): Promise<void> {
    bytes += chunk.length;
    // A copy: the memory of a chunk is used again.
    if (attempt < attempts && bytes <= most) return void held.push(Buffer.from(chunk));
    await pass(held.splice(0));
    await sink(chunk);
  }

  function again(): void {
    attempt += 1;
    before = held;
    held = [];
    bytes = 0;
  }

  async function end(outcome: Outcome): Promise<void> {
    // An attempt that could not start leaves the one before as the outcome.
    const isBefore = "attempt" in outcome && outcome.attempt < attempt;
    await pass(isBefore ? before : held);
  }

  async function pass(chunks: readonly Buffer[]): Promise<void> {
    for (const chunk of chunks) await sink(chunk);
  }

  return { stdout, again, end };
}
