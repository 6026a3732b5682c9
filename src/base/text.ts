/**
 * What nobody should read as text: control characters but tab and newline, and format characters (zero-width, bidirectional,
 * tags), which reorder or hide text. The signs that Unicode files under format and that are visible stay.
 */
const unreadable = (): RegExp => /(?![\t\n\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2])[\p{Cc}\p{Cf}]/gu;
/**
 * Terminal sequences of ECMA-48: control strings (OSC, DCS, SOS, PM, APC) with what they carry, at most to the end of their
 * line; CSI sequences; other escapes. No class holds what begins the next one, so that a flood of beginnings takes linear time.
 */
const SEQUENCE = new RegExp(
  [
    String.raw`(?:\x1B[\]PX^_]|[\x90\x98\x9D-\x9F])[^\x07\x1B\x9C\n\x90\x98\x9D-\x9F]*(?:\x07|\x1B\\|\x9C)?`,
    String.raw`(?:\x1B\[|\x9B)[0-?]*[ -/]*[@-~]`,
    String.raw`\x1B[ -/]*[0-Z\\^-~]`,
  ].join("|"),
  "g",
);

/** Text as a model may read it: no ANSI sequences, no controls, no bidirectional or zero-width characters; CRLF is LF. */
export function plainText(text: string): string {
  return withoutSequences(text).replace(unreadable(), "");
}

/** Without what terminals would obey; CRLF is LF. */
export function withoutSequences(text: string): string {
  return text.replace(SEQUENCE, "").replaceAll("\r\n", "\n");
}

/** Whether `plainText` leaves nothing of this character. */
export function isUnreadable(character: string): boolean {
  return character.search(unreadable()) === 0;
}

/** Decodes UTF-8 and counts what was not; a character that a cut left in two at either end is dropped, not counted. */
export function decode(
  bytes: Buffer,
  cut: { readonly start: boolean; readonly end: boolean },
): { text: string; invalid: number } {
  let from = 0;
  let to = bytes.length;
  if (cut.start) from = firstBoundary(bytes);
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

/** Where the first whole character begins, behind what a cut left of the one before. */
export function firstBoundary(bytes: Buffer): number {
  let from = 0;
  while (from < Math.min(3, bytes.length) && isContinuation(bytes[from])) from++;
  return from;
}

/** The end of the last whole character before `end`. */
export function lastBoundary(bytes: Buffer, end: number): number {
  for (let at = end - 1; at >= Math.max(0, end - 4); at--) {
    const byte = bytes[at] ?? 0;
    if (isContinuation(byte)) continue;
    const length = byte >= 0xf8 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
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
