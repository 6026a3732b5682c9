import { unlessAborted } from "../base/abort.ts";
import { setDeadline } from "../base/deadline.ts";
import { refuse } from "../base/refusal.ts";

/** Where calls wait for people. They hold no slot there, so that nothing else bounds them. */
export interface WaitingRoom {
  /** How long somebody has for an answer. */
  readonly waitMs: number;
  /** An answer; `late` when none came in time, or the signal was aborted. Refuses when too many wait. */
  wait<Value>(ask: (signal: AbortSignal) => Promise<Value>, signal: AbortSignal): Promise<Value | "late">;
}

const WAIT_MS = 600_000;
const MOST = 100;

export function createWaitingRoom(waitMs = WAIT_MS): WaitingRoom {
  let waiting = 0;

  async function wait<Value>(
    ask: (signal: AbortSignal) => Promise<Value>,
    signal: AbortSignal,
  ): Promise<Value | "late"> {
    if (waiting >= MOST)
      throw refuse(
        "queue.full",
        `${waiting} calls wait for an answer of their users, and no more may; try again later`,
      );
    waiting += 1;
    const late = new AbortController();
    const forget = setDeadline(waitMs, () => late.abort());
    const either = AbortSignal.any([signal, late.signal]);
    try {
      return (await unlessAborted(ask(either), either)) ?? "late";
    } finally {
      forget();
      waiting -= 1;
    }
  }
  return { waitMs, wait };
}
