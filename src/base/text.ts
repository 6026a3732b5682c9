import { stripVTControlCharacters } from "node:util";

/** What nobody should read as text: C0 and C1 controls but tab and newline, and format characters that reorder or hide text. */
const UNREADABLE =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]/gu;
/** OSC, DCS, SOS, PM and APC strings with what they carry, closed by BEL or ST or cut at the end. */
const CONTROL_STRING =
  /(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C|$)/g;

/** Text as a model may read it: no ANSI sequences, no controls, no bidirectional or zero-width characters; CRLF is LF. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text.replace(CONTROL_STRING, "")).replaceAll("\r\n", "\n").replace(UNREADABLE, "");
}

/** Decodes UTF-8 and counts what was not; a character that a cut left in two at either end is dropped, not counted. */
export function decode(
  bytes: Buffer,
  cut: { readonly start: boolean; readonly end: boolean },
): { text: string; invalid: number } {
  let from = 0;
  let to = bytes.length;
  if (cut.start) while (from < Math.min(3, to) && isContinuation(bytes[from])) from++;
  if (cut.end) to = lastBoundary(bytes, to);
  const text = bytes.toString("utf8", from, to);
  const invalid = text.includes("\uFFFD")
    ? (text.match(/\uFFFD/g)?.length ?? 0) - countGenuine(bytes.subarray(from, to))
    : 0;
  return { text, invalid };
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** The end of the last whole character before `end`. */
function lastBoundary(bytes: Buffer, end: number): number {
  for (let at = end - 1; at >= Math.max(0, end - 4); at--) {
    const byte = bytes[at] ?? 0;
    if (isContinuation(byte)) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return at + length > end ? at : end;
  }
  return end;
}

/** U+FFFD that the program itself printed. */
function countGenuine(bytes: Buffer): number {
  const mark = Buffer.from("\uFFFD");
  let count = 0;
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) count++;
  return count;
}
