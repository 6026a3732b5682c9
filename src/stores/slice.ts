import { isUtf8 } from "node:buffer";
import { type Files, type OpenFile, readUpTo } from "../base/files.ts";
import { firstBoundary, lastBoundary } from "../base/text.ts";
import { type Gap, type Kept, type Range, boundRange, placeOf, rangeAt } from "./record.ts";

/** A run of a stream's bytes. */
export interface Slice {
  readonly offset: number;
  readonly bytes: Buffer;
  /** Whether it is UTF-8; it is cut at characters then. */
  readonly isText: boolean;
  /** Where to go on; null: at the end. */
  readonly next: number | null;
  readonly totalBytes: number;
  /** The bytes in front of it or behind it that were not kept. */
  readonly gap: Gap | null;
}

export interface SliceRequest {
  readonly offset: number;
  readonly length: number;
  /** Just these bytes, wherever characters begin. */
  readonly exact?: boolean;
}

/** One stream of a record. */
export interface Source {
  readonly path: string;
  /** May grow while it is read. */
  kept(): Kept;
  /** Resolves when all that was printed until now can be read. */
  flush(): Promise<void>;
}

const LONGEST_CHARACTER = 4;
/** Twice three bytes: what a character that is cut at either end may lack. */
const SPARE = 6;
/** A program that prints faster than we read overtakes us. */
const TRIES = 3;

export async function readSlice(files: Files, source: Source, request: SliceRequest): Promise<Slice> {
  await source.flush();
  const kept = source.kept();
  const range = rangeAt(kept, request.offset, request.length);
  // What holds nothing may have no file.
  if (range.from === range.to) return sliceOf(kept, range, Buffer.alloc(0), true);
  const file = await files.open(source.path);
  try {
    return await sliceFrom(file, () => source.kept(), request);
  } finally {
    await file.close();
  }
}

/** The same of a file that is open. */
export async function sliceFrom(file: OpenFile, kept: () => Kept, request: SliceRequest): Promise<Slice> {
  const { offset, length, exact = false } = request;
  for (let attempt = 1; ; attempt++) {
    const before = kept();
    const range = rangeAt(before, offset, exact ? length : length + SPARE);
    const bytes = await readRange(file, range, before.limit);
    const after = kept();
    const isOvertaken = after.head < after.tail && range.from < after.tail && range.to > after.head;
    if (!isOvertaken)
      return exact ? sliceOf(before, range, bytes, isUtf8(bytes)) : cutSlice(before, request, range, bytes);
    if (attempt === TRIES)
      return sliceOf(after, boundRange(after, after.head, after.tail, after.tail), Buffer.alloc(0), true);
  }
}

function sliceOf({ bytes: totalBytes }: Kept, { from, next, gap }: Range, bytes: Buffer, isText: boolean): Slice {
  return { offset: from, bytes, isText, next, totalBytes, gap };
}

/** Cut at characters if it is text, at least one of them; else as it was asked for. */
function cutSlice(kept: Kept, { offset, length }: SliceRequest, range: Range, bytes: Buffer): Slice {
  const start = range.from === 0 ? 0 : firstBoundary(bytes);
  const isRest = bytes.length <= start + length;
  const cut = (most: number): number => lastBoundary(bytes, Math.min(bytes.length, start + most));
  const end =
    isRest && range.to === kept.bytes ? bytes.length : cut(length) > start ? cut(length) : cut(LONGEST_CHARACTER);
  const text = bytes.subarray(start, end);
  const isText = isUtf8(text);
  const shown = isText ? text : bytes.subarray(0, length);
  const from = isText ? range.from + start : range.from;
  // Half a character in front of a gap is left out with it.
  const to = isText && isRest ? range.to : from + shown.length;
  return sliceOf(kept, boundRange(kept, offset, from, to), shown, isText);
}

async function readRange(file: OpenFile, { from, to }: Range, limit: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(to - from);
  for (let done = 0; done < bytes.length;) {
    const { at, room } = placeOf(from + done, limit);
    const part = await readUpTo(file, bytes.subarray(done, done + room), at);
    if (part.length === 0) throw new Error("its file is shorter than it was");
    done += part.length;
  }
  return bytes;
}
