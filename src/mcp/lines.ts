import { REPORT_MARK, type Report, readReport } from "./report.ts";

/** Reads a stream line by line; a line ends at `\n`, `\r` or both. The result does not depend on where chunks are cut. */
export interface Lines {
  /** Whether a line ended. Keeps nothing of the chunk itself. */
  write(chunk: Buffer): boolean;
  /** How many have ended. */
  count(): number;
  /** The latest report. */
  report(): Report | null;
}

/** The first 2000 bytes of a line, in memory of their own. */
export interface Line {
  add(more: Buffer): void;
  set(all: Buffer): void;
  clear(): void;
  /** Good until the line is changed. */
  bytes(): Buffer;
}

const LF = 10;
const CR = 13;
const LONGEST = 2000;

export interface LinesOptions {
  /** Becomes each line that says something, or its text when it is a report. */
  readonly latest: Line;
  readonly reports: boolean;
}

export function createLines({ latest, reports }: LinesOptions): Lines {
  const begun = createLine();
  let report: Report | null = null;
  let count = 0;
  let afterReturn = false;

  function write(chunk: Buffer): boolean {
    const from = afterReturn && chunk[0] === LF ? 1 : 0;
    if (chunk.length > 0) afterReturn = chunk[chunk.length - 1] === CR;
    const last = Math.max(chunk.lastIndexOf(LF), chunk.lastIndexOf(CR));
    if (last < from) {
      begun.add(chunk.subarray(from));
      return false;
    }
    count += countEnds(chunk.subarray(from, last + 1));
    const first = endAfter(chunk, from);
    begun.add(chunk.subarray(from, first));
    noteLatest(chunk, first, last);
    if (reports) report = lastReport(chunk, first, last) ?? readReport(begun.bytes())?.report ?? report;
    begun.clear();
    begun.add(chunk.subarray(last + 1));
    return true;
  }

  /** `first` and `last` are where the first and the last line end; the first began in `begun`. */
  function noteLatest(chunk: Buffer, first: number, last: number): void {
    for (let end = last; end > first;) {
      const start = startBefore(chunk, end);
      if (say(chunk, start, Math.min(end, start + LONGEST))) return;
      end = start - 1;
    }
    say(begun.bytes(), 0, begun.bytes().length);
  }

  /** Makes a line the latest, unless it says nothing. */
  function say(bytes: Buffer, start: number, end: number): boolean {
    if (isBlank(bytes, start, end)) return false;
    const line = bytes.subarray(start, end);
    const text = (reports ? readReport(line)?.text : undefined) ?? line;
    if (isBlank(text, 0, text.length)) return false;
    latest.set(text);
    return true;
  }

  return { write, count: () => count, report: () => report };
}

function lastReport(chunk: Buffer, first: number, last: number): Report | undefined {
  for (let at = chunk.lastIndexOf(REPORT_MARK, last); at > first; at = chunk.lastIndexOf(REPORT_MARK, at - 1)) {
    if (!isEnd(chunk[at - 1])) continue;
    const found = readReport(chunk.subarray(at, Math.min(endAfter(chunk, at), at + LONGEST)));
    if (found) return found.report;
  }
  return undefined;
}

export function createLine(): Line {
  const memory = Buffer.alloc(LONGEST);
  let length = 0;
  const add = (more: Buffer): void => void (length += more.copy(memory, length));
  const clear = (): void => void (length = 0);
  return {
    add,
    clear,
    set: (all) => {
      clear();
      add(all);
    },
    bytes: () => memory.subarray(0, length),
  };
}

function isEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) > 0x20) return false;
  return true;
}

function endAfter(chunk: Buffer, from: number): number {
  let at = from;
  while (!isEnd(chunk[at])) at++;
  return at;
}

function startBefore(chunk: Buffer, end: number): number {
  let at = end;
  while (!isEnd(chunk[at - 1])) at--;
  return at;
}

/** How many lines end; `\r\n` is one end. */
function countEnds(bytes: Buffer): number {
  return bytes.includes(CR) ? countOneByOne(bytes) : countFeeds(bytes);
}

/** How many `\n` there are. A search for the next one costs as much as reading 20 bytes one by one, so short lines are read. */
export function countFeeds(bytes: Buffer): number {
  const most = bytes.length >> 5;
  let found = 0;
  let from = 0;
  for (; found < most; found++) {
    const at = bytes.indexOf(LF, from);
    if (at < 0) return found;
    from = at + 1;
  }
  for (; from < bytes.length; from++) if (bytes[from] === LF) found++;
  return found;
}

function countOneByOne(bytes: Buffer): number {
  let found = 0;
  let before = 0;
  for (const byte of bytes) {
    if (byte === CR || (byte === LF && before !== CR)) found++;
    before = byte;
  }
  return found;
}
