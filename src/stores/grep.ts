import { setImmediate as breathe } from "node:timers/promises";
import { type Files, type OpenFile } from "../base/files.ts";
import { plainText } from "../base/text.ts";
import type { Kept } from "./record.ts";
import { type Slice, type Source, sliceFrom } from "./slice.ts";

export interface GrepRequest {
  /** Whether a line matches; nothing else happens while it is asked, so it has to be quick. */
  matches(line: string): boolean;
  /** Lines that begin before it do not count. */
  readonly offset: number;
  /** Bytes of the matching lines at most. */
  readonly length: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Found {
  readonly lines: readonly FoundLine[];
  /** Where to go on when there were more lines than `length` takes; null: all was searched. */
  readonly next: number | null;
  readonly totalBytes: number;
  /** How many bytes were not kept, and so not searched. */
  readonly missing: number;
}

export interface FoundLine {
  /** Counted from 1; null behind bytes that were not kept. */
  readonly line: number | null;
  readonly offset: number;
  readonly text: string;
}

/** Read at once. */
const BLOCK = 64 * 1024;

/** Of a longer line only the beginning is searched. */
const LONGEST_LINE = 64 * 1024;
const LONGEST_SHOWN = 2000;
/** How long others may wait, and a line more. */
const SLICE_MS = 8;
const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);

/** Searches what is kept of a stream, line by line, in bounded memory and without holding the event loop. */
export async function grep(files: Files, source: Source, request: GrepRequest): Promise<Found> {
  await source.flush();
  const kept = source.kept();
  const missing = kept.tail - kept.head;
  if (kept.bytes === missing) return { lines: [], next: null, totalBytes: kept.bytes, missing };
  const file = await files.open(source.path);
  try {
    const search = createSearch(request);
    const next = await searchLines(
      search,
      readLines(file, () => source.kept(), kept.bytes),
      request.signal,
    );
    return { lines: search.lines, next, totalBytes: kept.bytes, missing };
  } finally {
    await file.close();
  }
}

/** Null, or the offset of the line that it stopped in front of. */
async function searchLines(
  search: Search,
  blocks: AsyncIterable<readonly Line[]>,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  let pausedAt = performance.now();
  for await (const lines of blocks) {
    for (const line of lines) {
      const isDue = performance.now() - pausedAt >= SLICE_MS;
      if (isDue) await breathe();
      if (isDue) pausedAt = performance.now();
      if ((isDue && signal?.aborted === true) || !search.take(line)) return line.offset;
    }
  }
  return null;
}

interface Line {
  readonly number: number | null;
  readonly offset: number;
  readonly bytes: Buffer;
}

interface Search {
  readonly lines: FoundLine[];
  /** False: it does not fit any more. */
  take(line: Line): boolean;
}

function createSearch({ matches, offset: first, length }: GrepRequest): Search {
  const lines: FoundLine[] = [];
  let room = length;

  function take({ number, offset, bytes }: Line): boolean {
    if (offset < first) return true;
    const text = textOf(bytes);
    if (!matches(text)) return true;
    const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
    room -= Buffer.byteLength(shown) + 1;
    if (room < 0 && lines.length > 0) return false;
    lines.push({ line: number, offset, text: shown });
    return true;
  }
  return { lines, take };
}

function textOf(bytes: Buffer): string {
  const text = bytes.toString();
  return /^[\t -~]*$/.test(text) ? text : plainText(text);
}

/** Lines in the order of the stream, those of one block together, up to `end`. */
async function* readLines(file: OpenFile, kept: () => Kept, end: number): AsyncGenerator<readonly Line[]> {
  let begun: Line = { number: 1, offset: 0, bytes: NOTHING };
  let position = 0;
  for (let offset: number | null = 0; offset !== null && offset < end;) {
    const slice = await sliceFrom(file, kept, { offset, length: Math.min(BLOCK, end - offset), exact: true });
    if (slice.offset !== position) {
      // What came in between was not kept.
      yield [begun];
      begun = { number: null, offset: slice.offset, bytes: NOTHING };
    }
    const lines = splitLines(begun, slice);
    begun = lines.pop() ?? begun;
    yield lines;
    position = slice.offset + slice.bytes.length;
    offset = slice.next;
  }
  if (begun.bytes.length > 0) yield [begun];
}

/** The last one is not ended yet. */
function splitLines(begun: Line, { offset, bytes }: Slice): Line[] {
  const lines: Line[] = [];
  let line = begun;
  let from = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
    lines.push(extended(line, bytes.subarray(from, at)));
    from = at + 1;
    line = { number: line.number === null ? null : line.number + 1, offset: offset + from, bytes: NOTHING };
  }
  lines.push(extended(line, bytes.subarray(from)));
  return lines;
}

function extended(line: Line, more: Buffer): Line {
  const room = LONGEST_LINE - line.bytes.length;
  const bytes = line.bytes.length === 0 ? more.subarray(0, room) : Buffer.concat([line.bytes, more.subarray(0, room)]);
  return { ...line, bytes };
}
