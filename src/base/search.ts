import { type Automaton, step } from "./automaton.ts";

/** Bytes inside a match that do not belong to it, at most; with more of them it is none. */
const MOST_BETWEEN = 4096;

/** Looks for needles in some of a stream's bytes, and knows where in the stream they stand. */
export interface Search {
  take(byte: number, position: number): void;
  /** No needle is begun. */
  isIdle(): boolean;
  /** The first place from `from` on where a needle may have begun that is not ended yet; `position` when there is none. */
  begun(from: number, position: number): number;
}

/** Tells each needle that ends, also those that overlap. */
export function createSearch(automaton: Automaton, found: (start: number, end: number) => void): Search {
  const { depth, shorter, isEnd, alsoEnded, child } = automaton;
  const ring = new Float64Array(2 ** Math.ceil(Math.log2(automaton.longest + 1)));
  const mask = ring.length - 1;
  let taken = 0;
  let state = 0;

  function startOf(at: number): number {
    return ring[(taken - (depth[at] ?? 0)) & mask] ?? 0;
  }

  /** What was begun too far back is no match any more. */
  function near(at: number, position: number): number {
    let kept = at;
    while (kept !== 0 && position - startOf(kept) - (depth[kept] ?? 0) > MOST_BETWEEN) kept = shorter[kept] ?? 0;
    return kept;
  }

  function take(byte: number, position: number): void {
    state = step(automaton, near(state, position), byte);
    if (state === 0) return;
    ring[taken++ & mask] = position;
    if (isEnd[state] === 1) found(startOf(state), position + 1);
    for (let end = alsoEnded[state] ?? 0; end !== 0; end = alsoEnded[end] ?? 0) found(startOf(end), position + 1);
  }

  function begun(from: number, position: number): number {
    let at = near(state, position);
    while (at !== 0 && (child[at] === 0 || startOf(at) < from)) at = shorter[at] ?? 0;
    return at === 0 ? position : startOf(at);
  }

  return { take, isIdle: () => state === 0, begun };
}
