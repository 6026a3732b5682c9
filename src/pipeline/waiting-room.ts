import { unlessAborted } from "../base/abort.ts";
import { setDeadline } from "../base/deadline.ts";
import { type Refusal, refuse } from "../base/refusal.ts";

/** Where calls wait for people. They hold no slot there, so that nothing else bounds them. */
export interface WaitingRoom {
  /** How long somebody has for an answer. */
  readonly waitMs: number;
  /** An answer; `late` when none came in time, or the signal was aborted. Refuses when too many wait, or too many of one caller. */
  wait<Value>(ask: (signal: AbortSignal) => Promise<Value>, waiter: Waiter): Promise<Value | "late">;
}

export interface Waiter {
  readonly caller: string;
  readonly signal: AbortSignal;
}

const WAIT_MS = 600_000;
const MOST = 100;
/** Of one caller, whose users may all have gone: others can still be asked. */
const MOST_OF_ONE = MOST / 4;

export function createWaitingRoom(waitMs = WAIT_MS): WaitingRoom {
  let waiting = 0;
  const byCaller = new Map<string, number>();

  function enter(caller: string): void {
    const own = byCaller.get(caller) ?? 0;
    if (own >= MOST_OF_ONE) throw full(`${own} calls of this client`);
    if (waiting >= MOST) throw full(`${waiting} calls`);
    waiting += 1;
    byCaller.set(caller, own + 1);
  }

  function leave(caller: string): void {
    waiting -= 1;
    const own = (byCaller.get(caller) ?? 0) - 1;
    if (own > 0) byCaller.set(caller, own);
    else byCaller.delete(caller);
  }

  async function wait<Value>(
    ask: (signal: AbortSignal) => Promise<Value>,
    { caller, signal }: Waiter,
  ): Promise<Value | "late"> {
    enter(caller);
    const late = new AbortController();
    const forget = setDeadline(waitMs, () => late.abort());
    const either = AbortSignal.any([signal, late.signal]);
    try {
      return (await unlessAborted(ask(either), either)) ?? "late";
    } finally {
      forget();
      leave(caller);
    }
  }
  return { waitMs, wait };
}

function full(who: string): Refusal {
  return refuse("queue.full", `${who} wait for an answer of their users, and no more may; try again later`);
}
