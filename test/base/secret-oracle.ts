import { formsOf } from "../../src/base/secret-forms.ts";
import { plainText } from "../../src/base/text.ts";

export const MARK = "[redacted]";
const LONG = 16;

/** What `plainText` removes, written again, with each sequence and character as one match. */
const REMOVED = new RegExp(
  [
    String.raw`(?:\x1B[\]PX^_]|[\x90\x98\x9D-\x9F])[^\x07\x1B\x9C\n\x90\x98\x9D-\x9F]*(?:\x07|\x1B\\|\x9C)?`,
    String.raw`(?:\x1B\[|\x9B)[0-?]*[ -/]*[@-~]`,
    String.raw`\x1B[ -/]*[0-Z\\^-~]`,
    String.raw`(?![\t\n\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2])[\p{Cc}\p{Cf}]`,
  ].join("|"),
  "gu",
);

interface Letters {
  /** One byte each. */
  readonly bytes: string;
  /** Where each of them stands. */
  readonly places: readonly number[];
}

/**
 * The definition, written again in the slowest way: at each place the longest secret that begins there is replaced, in the
 * bytes as they are, in those that stay readable, or, for a long one, in those that are no white space either.
 */
export function reference(bytes: Buffer, secrets: readonly string[]): Buffer {
  const forms = secrets.filter(({ length }) => length >= 4).flatMap(formsOf);
  const plain = forms.map(plainText).filter(({ length }) => length >= 4);
  const spread = plain.map((form) => form.replaceAll(/[ \t\n]/g, "")).filter(({ length }) => length >= LONG);
  const all = { bytes: bytes.toString("latin1"), places: Array.from(bytes, (_byte, index) => index) };
  const readable = readableOf(bytes);
  const black = kept(readable, (byte) => !" \t\n".includes(byte));
  const ends = new Map<number, number>();
  for (const [letters, needles] of [
    [all, forms],
    [readable, plain],
    [black, spread],
  ] as const)
    for (const needle of needles) note(letters, Buffer.from(needle).toString("latin1"), ends);
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = ends.get(at);
    out.push(end === undefined ? bytes.subarray(at, at + 1) : Buffer.from(MARK));
    at = end ?? at + 1;
  }
  return Buffer.concat(out);
}

function note({ bytes, places }: Letters, needle: string, ends: Map<number, number>): void {
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
    const start = places[at] ?? 0;
    const end = (places[at + needle.length - 1] ?? 0) + 1;
    ends.set(start, Math.max(end, ends.get(start) ?? 0));
  }
}

/** Of bytes that are UTF-8, but perhaps for the last character. */
function readableOf(bytes: Buffer): Letters {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: true });
  const removed = new Set<number>();
  for (const { index, 0: match } of text.matchAll(REMOVED)) {
    const from = Buffer.byteLength(text.slice(0, index));
    for (let at = from; at < from + Buffer.byteLength(match); at++) removed.add(at);
  }
  const all = { bytes: bytes.toString("latin1"), places: Array.from(bytes, (_byte, index) => index) };
  return kept(all, (_byte, place) => !removed.has(place));
}

function kept({ bytes, places }: Letters, wanted: (byte: string, place: number) => boolean): Letters {
  const chosen = places.filter((place, index) => wanted(bytes[index] ?? "", place));
  return { bytes: chosen.map((place) => bytes[places.indexOf(place)] ?? "").join(""), places: chosen };
}
