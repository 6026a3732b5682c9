/** Half-open, in UTF-16 units from the start of the text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A piece of text that takes the place of another. */
export interface Edit extends Range {
  readonly text: string;
}

export function isWithin(inner: Range, outer: Range): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

/** The text with all edits done, which do not overlap; of those at one place what is put in comes first. */
export function splice(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, text: put } of edits.toSorted((one, other) => one.start - other.start)) {
    pieces.push(text.slice(at, start), put);
    at = Math.max(at, end);
  }
  return [...pieces, text.slice(at)].join("");
}

/** What is written outside of some ranges, white space and commas apart: what an edit must not touch. */
export function outside(text: string, ranges: readonly Range[]): string {
  const cuts = disjoint(ranges).map(({ start, end }) => ({ start, end, text: "" }));
  return splice(text, cuts).replaceAll(/[\s,]+/g, "");
}

/** The line break that a text uses, told by its first one. */
export function eolOf(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";
}

/** Where the line of a place begins. */
export function lineStart(text: string, at: number): number {
  return Math.max(text.lastIndexOf("\n", at - 1), text.lastIndexOf("\r", at - 1)) + 1;
}

/** Where the line of a place ends, before its line break. */
export function lineEnd(text: string, at: number): number {
  const rest = text.slice(at).search(/[\r\n]/);
  return rest < 0 ? text.length : at + rest;
}

/** Behind the line break at a place, where there is one. */
export function behindBreak(text: string, at: number): number {
  return at + (/^(?:\r\n|\n|\r)/.exec(text.slice(at, at + 2))?.[0].length ?? 0);
}

/** In words, as editors count. */
export function placeIn(text: string, offset: number): string {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

function disjoint(ranges: readonly Range[]): readonly Range[] {
  const joined: Range[] = [];
  for (const { start, end } of ranges.toSorted((one, other) => one.start - other.start)) {
    const last = joined.at(-1);
    if (last && start <= last.end) joined.splice(-1, 1, { start: last.start, end: Math.max(last.end, end) });
    else joined.push({ start, end });
  }
  return joined;
}
