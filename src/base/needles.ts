import { plainText } from "./text.ts";

/** A shorter needle would be found in ordinary text when spaces did not count. */
const SHORTEST_SPREAD = 16;
/** As for secrets: what is left of a needle may be too short. */
const SHORTEST_PLAIN = 4;

/** The same needles for the three ways of looking for them. */
export interface Needles {
  readonly exact: readonly Buffer[];
  readonly plain: readonly Buffer[];
  readonly spread: readonly Buffer[];
}

export function createNeedles(texts: readonly string[]): Needles {
  const plain = texts.map(plainText).filter((text) => text.length >= SHORTEST_PLAIN);
  const spread = plain.map((text) => text.replaceAll(/[ \t\n]/g, "")).filter((text) => text.length >= SHORTEST_SPREAD);
  return { exact: buffers(texts), plain: buffers(plain), spread: buffers(spread) };
}

function buffers(texts: readonly string[]): readonly Buffer[] {
  return [...new Set(texts)].map((text) => Buffer.from(text));
}

/** Space, tab and newline; `plainText` has removed the other. */
export function isWhite(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x09;
}
