import { setImmediate as turn } from "node:timers/promises";
import { findIn } from "./json-find.ts";
import { NotJson, isSpace, scanJson } from "./json-scan.ts";

/** A page of a list, as it is written. */
export interface PageBody {
  readonly isJson: boolean;
  /** Where its items begin and end, two numbers each; null: there is no list at the pointer. */
  readonly items: readonly number[] | null;
  /** What leads to the next page, a number with the digits that came; empty: none does. */
  readonly cursor: string;
}

/** So much is read before others have their turn. */
const SLICE = 32 * 1024;

/** Reads a page; `cursor` is null where none is looked for. Throws a `HookFault` when the page is too much. */
export async function readPage(
  bytes: Buffer,
  pointers: { readonly items: string; readonly cursor: string | null },
): Promise<PageBody> {
  const find = findIn(bytes, pointers);
  const scan = scanJson(bytes, find);
  try {
    for (let place = SLICE; !scan.readTo(place); place += SLICE) await turn();
  } catch (error) {
    if (error instanceof NotJson) return { isJson: false, items: null, cursor: "" };
    throw error;
  }
  const span = find.cursor();
  const written = span ? bytes.toString("utf8", span.start, span.end) : "";
  return { isJson: true, items: find.items(), cursor: cursorIn(written) };
}

function cursorIn(written: string): string {
  if (written.startsWith('"')) return JSON.parse(written) as string;
  return /^[-0-9]/.test(written) ? written : "";
}

/** The items of a page in pieces, each without the white space between its signs: a line, with a comma where another follows. */
export function* linesOf(bytes: Buffer, items: readonly number[], isFollowing: boolean): Generator<Buffer> {
  const out = Buffer.allocUnsafe(SLICE + SEPARATOR.length);
  let used = 0;
  let isText = false;
  let isEscaped = false;
  for (let item = 0; item < items.length; item += 2) {
    if (item > 0 || isFollowing) used += SEPARATOR.copy(out, used);
    const end = items[item + 1] ?? 0;
    for (let at = items[item] ?? 0; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (!isText && isSpace(byte)) continue;
      out[used++] = byte;
      if (byte === QUOTE && !isEscaped) isText = !isText;
      isEscaped = byte === BACKSLASH && !isEscaped;
      if (used < SLICE) continue;
      yield Buffer.from(out.subarray(0, used));
      used = 0;
    }
  }
  if (used > 0) yield Buffer.from(out.subarray(0, used));
}

const SEPARATOR = Buffer.from(",\n");
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
