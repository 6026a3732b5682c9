import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from "node:fs";

/** A text file with positions. `file` is its name as people gave it, `path` its real path. */
export interface Source extends Whereabouts {
  readonly text: string;
}

/** The same as bytes, which are UTF-8. */
export interface SourceBytes extends Whereabouts {
  readonly bytes: Buffer;
}

export interface Whereabouts {
  readonly file: string;
  readonly path: string;
  /** Whether anybody on this machine may write to it. */
  readonly worldWritable: boolean;
}

/** Half-open, in UTF-16 units from the start of the text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Unreadable {
  readonly rule: "file-unreadable" | "encoding";
  readonly message: string;
  readonly hint: string;
}

const LARGEST = 64 * 1024 * 1024;

export const BOM = Buffer.from("\uFEFF");

/** Reads a whole UTF-8 file, following links; never blocks on a FIFO, never throws. */
export function readSource(file: string): Source | Unreadable {
  const read = readBytes(file);
  if (isUnreadable(read)) return read;
  const { bytes, ...whereabouts } = read;
  return { ...whereabouts, text: bytes.toString("utf8") };
}

/** The same without its text, which takes longer than all the rest. A byte order mark is left out. */
export function readBytes(file: string): SourceBytes | Unreadable {
  return opened(file, (handle, whereabouts) => {
    const bytes = readFileSync(handle);
    if (!isUtf8(bytes)) return misencoded(bytes);
    const begin = bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0;
    return { ...whereabouts, bytes: bytes.subarray(begin) };
  });
}

/** Uses an open file that can be read as a whole; what `use` throws is told as any other reason why it cannot be. */
export function opened<T>(file: string, use: (handle: number, whereabouts: Whereabouts) => T): T | Unreadable {
  let handle: number;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return unreadable(`cannot read ${file}: ${reason(error)}`, "give the path of a catalogue file");
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) return unreadable(`${file} is not a regular file`, "give the path of a catalogue file");
    if (stat.size > LARGEST) return unreadable(`${file} is larger than 64 MiB`, "split it with `include`");
    return use(handle, { file, path: realpathSync(file), worldWritable: (stat.mode & 0o002) !== 0 });
  } catch (error) {
    return unreadable(`cannot read ${file}: ${reason(error)}`, "");
  } finally {
    closeSync(handle);
  }
}

export function isUnreadable(value: Source | SourceBytes | Unreadable): value is Unreadable {
  return "rule" in value;
}

/** Line and columns (from 1) of a range; a range over several lines is marked to the end of its first one. */
export function place(
  text: string,
  range: Range,
): { line: number; column: number; endColumn: number; snippet: string } {
  const start = Math.min(range.start, text.length);
  const starts = lineStarts(text);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= start) low = middle;
    else high = middle - 1;
  }
  const lineStart = starts[low] ?? 0;
  const snippet = text.slice(lineStart, (starts[low + 1] ?? text.length + 1) - 1).replace(/\r$/, "");
  const column = start - lineStart + 1;
  const endColumn = Math.max(column + 1, Math.min(range.end - lineStart + 1, snippet.length + 1));
  return { line: low + 1, column, endColumn, snippet };
}

/** The place of some text inside a range, or the range where it cannot be found. */
export function findText(text: string, range: Range, wanted: string): Range {
  const start = text.indexOf(wanted, range.start);
  return start < 0 || start >= range.end ? range : { start, end: start + wanted.length };
}

let indexed = "";
let index: readonly number[] = [0];

/** Kept for the last text: problems come in runs of one file. */
function lineStarts(text: string): readonly number[] {
  if (text !== indexed) {
    const starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    indexed = text;
    index = starts;
  }
  return index;
}

function misencoded(bytes: Buffer): Unreadable {
  const offset = firstInvalid(bytes);
  return {
    rule: "encoding",
    message: `not UTF-8: the byte at offset ${offset} is 0x${bytes[offset]?.toString(16).padStart(2, "0")}`,
    hint: "save the file as UTF-8",
  };
}

/** Where the fault begins: behind the longest prefix that is UTF-8 and ends with a whole character. */
function firstInvalid(bytes: Buffer): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (prefixDecodes(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  while (low > 0 && !isUtf8(bytes.subarray(0, low))) low--;
  return low;
}

function prefixDecodes(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function unreadable(message: string, hint: string): Unreadable {
  return { rule: "file-unreadable", message, hint };
}

function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const words: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EACCES: "permission denied",
    EISDIR: "it is a folder",
    ELOOP: "its symbolic links go in a circle",
    ENOTDIR: "a part of the path is not a folder",
    ENXIO: "it is not a regular file",
  };
  return words[code] ?? (error instanceof Error ? error.message : String(error));
}
