import { type Automaton, createAutomaton } from "./automaton.ts";
import { createNeedles, isWhite } from "./needles.ts";
import { createPlainBytes } from "./plain-bytes.ts";
import { type Search, createSearch } from "./search.ts";
import { type Skip, createSkip } from "./skip.ts";

export interface Match {
  readonly start: number;
  readonly end: number;
}

/** Finds needles in a stream: as they are, where `plainText` brings them together, and long ones with white space inside. */
export interface Finder {
  take(chunk: Buffer): void;
  /** There are no more chunks. */
  end(): void;
  /** The matches that no further byte changes, in order, since the last time: the leftmost, of those the longest, and so on. */
  settle(): Iterable<Match>;
  /** Up to where all is known; not inside of a match. */
  settledTo(): number;
}

interface Automata {
  readonly exact: Automaton;
  readonly plain: Automaton;
  readonly spread: Automaton;
}

/** Prepares for the needles; each finder is for one stream. */
export function finderOf(texts: readonly string[]): () => Finder {
  const needles = createNeedles(texts);
  const automata = {
    exact: createAutomaton(needles.exact),
    plain: createAutomaton(needles.plain),
    spread: createAutomaton(needles.spread),
  };
  const skip = createSkip(needles);
  return () => createFinder(automata, skip);
}

function createFinder(automata: Automata, skip: Skip): Finder {
  /** By where they start; of those that start together the longest. */
  const matches = new Map<number, number>();
  const found = (start: number, end: number): void => void matches.set(start, Math.max(end, matches.get(start) ?? 0));
  const exact = createSearch(automata.exact, found);
  const plain = createSearch(automata.plain, found);
  const spread = createSearch(automata.spread, found);
  const plainBytes = createPlainBytes((byte, at) => {
    plain.take(byte, at);
    if (!isWhite(byte)) spread.take(byte, at);
  });
  const searches: readonly Search[] = [exact, plain, spread];
  let position = 0;
  let settled = 0;
  let isEnded = false;

  function take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at++) {
      if (plainBytes.isIdle() && exact.isIdle() && plain.isIdle() && spread.isIdle()) at = skip(chunk, at);
      const byte = chunk[at];
      if (byte === undefined) break;
      exact.take(byte, position + at);
      plainBytes.take(byte, position + at);
    }
    position += chunk.length;
  }

  /** Where a match may have begun that more bytes could complete, from `settled` on. */
  function begun(): number {
    if (isEnded) return position;
    return Math.max(
      settled,
      searches.reduce((least, each) => Math.min(least, each.begun(settled, position)), plainBytes.begun(position)),
    );
  }

  function* settle(): Generator<Match> {
    let open = begun();
    for (const [start, end] of [...matches].toSorted(([a], [b]) => a - b)) {
      if (start >= settled) {
        if (start >= open) return;
        settled = end;
        if (settled > open) open = begun();
        yield { start, end };
      }
      matches.delete(start);
    }
  }

  return {
    take,
    end: () => {
      plainBytes.end();
      isEnded = true;
    },
    settle,
    settledTo: () => (settled = begun()),
  };
}
