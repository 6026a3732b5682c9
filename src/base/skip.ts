import type { Needles } from "./needles.ts";

const ESC = 0x1b;
/** The lead byte of the control characters C1. */
const C1 = 0xc2;
const NOTHING = 0;
const CANDIDATE = 1;
/** Depends on the byte behind it. */
const SPREAD = 2;

/** Gives the first place from `from` on where a needle or a sequence may begin, or the end. */
export type Skip = (bytes: Buffer, from: number) => number;

/** By a table of all pairs of bytes, so that most bytes of ordinary text cost one look. No needle is shorter than a pair. */
export function createSkip({ exact, plain, spread }: Needles): Skip {
  const pairs = new Uint8Array(65_536);
  const firsts = new Uint8Array(256);

  function mark(first: number, second: number, what: number): void {
    firsts[first] = 1;
    if (pairs[(first << 8) | second] !== CANDIDATE) pairs[(first << 8) | second] = what;
  }

  for (let second = 0; second < 256; second++) mark(ESC, second, CANDIDATE);
  for (let second = 0x80; second < 0xa0; second++) mark(C1, second, CANDIDATE);
  for (const needle of [...exact, ...plain, ...spread]) mark(needle[0] ?? 0, needle[1] ?? 0, CANDIDATE);
  for (const needle of [...plain, ...spread])
    for (let second = 0; second < 256; second++) if (mayBeRemoved(second)) mark(needle[0] ?? 0, second, CANDIDATE);
  for (const needle of spread) for (const white of [0x20, 0x0a, 0x09]) mark(needle[0] ?? 0, white, SPREAD);

  return (bytes, from) => {
    const last = bytes.length - 1;
    let at = from;
    for (; at < last; at++) {
      const first = (bytes[at] ?? 0) << 8;
      const what = pairs[first | (bytes[at + 1] ?? 0)];
      if (what === NOTHING) continue;
      if (what === CANDIDATE || at + 2 > last || pairs[first | (bytes[at + 2] ?? 0)] !== NOTHING) return at;
    }
    return at === last && firsts[bytes[at] ?? 0] === 0 ? bytes.length : at;
  };
}

/** Controls, and what may begin a format character. */
function mayBeRemoved(byte: number): boolean {
  return byte < 0x09 || (byte > 0x0a && byte < 0x20) || byte === 0x7f || byte >= 0xc2;
}
