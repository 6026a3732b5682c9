import { uptime } from "node:os";
import { createSeal } from "../base/seal.ts";

/** What a client brings back with an answer, so that the server keeps nothing of a question that nobody answered. */
export interface Approvals {
  /** The state of a question, by its hash. */
  issue(hash: string): string;
  /** Whether a state is one of ours, of whatever question, unchanged. */
  knows(state: string): boolean;
  /** Whether a state is that of this question, neither too old nor ever taken; it is taken now. */
  take(state: string, hash: string): boolean;
}

export interface ApprovalsOptions {
  readonly lifeMs?: number;
  /** Milliseconds, from a clock that goes on while the machine sleeps. */
  readonly now?: () => number;
}

const LIFE_MS = 600_000;
/** Numbers of taken states that are kept. */
const MOST = 10_000;

interface State {
  readonly hash: string;
  readonly number: number;
  /** When it is too old. */
  readonly end: number;
}

export function createApprovals({ lifeMs = LIFE_MS, now = () => uptime() * 1000 }: ApprovalsOptions = {}): Approvals {
  const seal = createSeal();
  const taken = new Set<number>();
  let numbers = 0;
  /** Up to this number none is taken any more. */
  let closed = 0;

  function issue(hash: string): string {
    return seal.close({ hash, number: ++numbers, end: now() + lifeMs } satisfies State);
  }

  function take(text: string, hash: string): boolean {
    const state = seal.open(text) as State | undefined;
    if (!state || state.hash !== hash || state.end <= now()) return false;
    if (state.number <= closed || taken.has(state.number)) return false;
    taken.add(state.number);
    if (taken.size >= MOST) {
      // Those that are on their way are asked once more.
      closed = numbers;
      taken.clear();
    }
    return true;
  }
  return { issue, knows: (state) => seal.open(state) !== undefined, take };
}

/** A state that fails the check of its integrity must be refused, whatever the request is; the library makes it error -32602. */
export function refuseForeign(approvals: Approvals): (state: string) => void {
  return (state) => {
    if (!approvals.knows(state)) throw new Error("the requestState is none of this server, or was changed");
  };
}

const known = new WeakMap<object, Approvals>();

/** One for all connections of an engine: each request may come over another. */
export function approvalsOf(engine: object): Approvals {
  const found = known.get(engine) ?? createApprovals();
  known.set(engine, found);
  return found;
}
