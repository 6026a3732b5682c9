/** What a JSON text shows and its parsed value does not, or only to who climbs down into it. */
export interface Bounds {
  /** How deep lists and objects stand in each other. Beyond `most` nothing more is looked at. */
  readonly depth: number;
  /** The first number that would be passed on as another one. */
  readonly inexact: string | undefined;
}

const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const LIST = 0x5b;
const END_OF_LIST = 0x5d;
const OBJECT = 0x7b;
const END_OF_OBJECT = 0x7d;
/** Makes an `E` an `e`. */
const SMALL = 0x20;
const EXPONENT = 0x65;

/** The digits of the shortest integer that a double may not hold. */
const LONG = 16;

/** One pass over UTF-8, about a nanosecond a byte; of a text that is no JSON it says something harmless. */
export function boundsOf(bytes: Uint8Array, most: number): Bounds {
  let depth = 0;
  let deepest = 0;
  let inexact: string | undefined;
  for (let at = 0; at < bytes.length && deepest <= most; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) at = endOfText(bytes, at + 1);
    else if (byte === LIST || byte === OBJECT) deepest = Math.max(deepest, ++depth);
    else if (byte === END_OF_LIST || byte === END_OF_OBJECT) depth--;
    else if (byte === MINUS || isDigit(byte)) {
      const end = endOfNumber(bytes, at + 1);
      inexact ??= inexactNumber(bytes, at, end);
      at = end - 1;
    }
  }
  return { depth: deepest, inexact };
}

/** Where the closing quote stands. */
function endOfText(bytes: Uint8Array, from: number): number {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) break;
    if (byte === BACKSLASH) at++;
  }
  return at;
}

function endOfNumber(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isOfNumber(bytes[at] ?? 0)) at++;
  return at;
}

function isOfNumber(byte: number): boolean {
  return isDigit(byte) || byte === DOT || byte === PLUS || byte === MINUS || (byte | SMALL) === EXPONENT;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/**
 * An integer that a double does not print as it was written, or a number beyond all doubles. A fraction, and what has an
 * exponent, is meant as a double and rounded as everywhere.
 */
function inexactNumber(bytes: Uint8Array, from: number, end: number): string | undefined {
  const isLong = end - from >= LONG;
  if (!isLong && !hasExponent(bytes, from, end)) return undefined;
  const literal = Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString("latin1");
  const value = Number(literal);
  const isKept = INTEGER.test(literal) ? String(value) === literal : value !== Infinity && value !== -Infinity;
  return isKept ? undefined : literal;
}

const INTEGER = /^-?\d+$/;

function hasExponent(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (((bytes[at] ?? 0) | SMALL) === EXPONENT) return true;
  return false;
}
