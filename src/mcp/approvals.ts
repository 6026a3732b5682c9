import { uptime } from "node:os";
import { createSeal } from "../base/seal.ts";

/** What a client brings back with an answer, so that the server keeps nothing of a question that nobody answered. */
export interface Approvals {
  /** The state of a question, by its hash, with what was filled in before it. */
  issue(hash: string, carried?: Carried): string;
  /** Whether a state is one of ours, of whatever question, unchanged. */
  knows(state: string): boolean;
  /** Whether a state is that of this question, neither too old nor ever taken; it is taken now. */
  take(state: string, hash: string): boolean;
  /** What was filled into a form before the question of a state that is neither too old nor taken; nothing is taken. */
  carried(state: string, form: string): Carried | undefined;
}

/** What was filled into the form of a hash. */
export interface Carried {
  readonly form: string;
  readonly content: Readonly<Record<string, unknown>>;
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
  readonly carried?: Carried | undefined;
}

export function createApprovals({ lifeMs = LIFE_MS, now = () => uptime() * 1000 }: ApprovalsOptions = {}): Approvals {
  const seal = createSeal();
  const taken = new Set<number>();
  let numbers = 0;
  /** Up to this number none is taken any more. */
  let closed = 0;

  function issue(hash: string, filled?: Carried): string {
    return seal.close({ hash, number: ++numbers, end: now() + lifeMs, carried: filled } satisfies State);
  }

  function open(text: string): State | undefined {
    const state = seal.open(text) as State | undefined;
    const isOpen = state && state.end > now() && state.number > closed && !taken.has(state.number);
    return isOpen === true ? state : undefined;
  }

  function take(text: string, hash: string): boolean {
    const state = open(text);
    if (state?.hash !== hash) return false;
    taken.add(state.number);
    if (taken.size >= MOST) {
      // Those that are on their way are asked once more.
      closed = numbers;
      taken.clear();
    }
    return true;
  }

  function carried(text: string, form: string): Carried | undefined {
    const filled = open(text)?.carried;
    return filled?.form === form ? filled : undefined;
  }
  return { issue, knows: (state) => seal.open(state) !== undefined, take, carried };
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
