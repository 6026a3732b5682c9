import { decode } from "../base/text.ts";
import type { Capture } from "./capture.ts";
import type { Cleaner } from "./cleaner.ts";

/** A stream as text of at most some bytes. */
export interface Excerpt {
  readonly text: string;
  /** Bytes of the text that came from the stream. */
  readonly bytes: number;
  /** Whether the middle was left out. */
  readonly cut: boolean;
  /** How many pieces were not UTF-8 and became U+FFFD. */
  readonly invalid: number;
}

/** Of what is empty, or not shown. */
export const NO_EXCERPT: Excerpt = { text: "", bytes: 0, cut: false, invalid: 0 };

/** How an excerpt is made. */
export interface ExcerptOptions {
  readonly clean: Cleaner;
  /** What to do about what was left out. */
  readonly hint: string;
}

/**
 * The whole stream if it fits, else its head and tail, cut at line ends, and between them a line that says what is missing, and
 * the hint.
 */
export function excerpt(capture: Capture, most: number, { clean, hint }: ExcerptOptions): Excerpt {
  if (capture.bytes === 0) return NO_EXCERPT;
  const contiguous = capture.bytes === capture.head.length + capture.tail.length;
  if (contiguous) {
    const whole = decode(Buffer.concat([capture.head, capture.tail]), { start: false, end: false });
    const text = clean(whole.text);
    const bytes = Buffer.byteLength(text);
    if (bytes <= most) return { text, bytes, cut: false, invalid: whole.invalid };
    return ends(text, text, { most, hint, invalid: whole.invalid, missing: (shown) => bytes - shown });
  }
  const head = decode(capture.head, { start: false, end: true });
  const tail = decode(capture.tail, { start: true, end: false });
  const invalid = head.invalid + tail.invalid;
  const missing = (shown: number): number => capture.bytes - shown;
  return ends(clean(head.text), clean(tail.text), { most, hint, invalid, missing });
}

interface Ends {
  readonly most: number;
  readonly hint: string;
  readonly invalid: number;
  missing(shown: number): number;
}

function ends(head: string, tail: string, { most, hint, invalid, missing }: Ends): Excerpt {
  const half = Math.floor(most / 2);
  const first = headLines(head, half);
  const last = tailLines(tail, most - half);
  const bytes = Buffer.byteLength(first) + Buffer.byteLength(last);
  const line = `[... ${missing(bytes).toLocaleString("en-US")} bytes left out: ${hint} ...]`;
  return {
    text: [first.replace(/\n$/, ""), line, last].filter((part) => part !== "").join("\n"),
    bytes,
    cut: true,
    invalid,
  };
}

/** Whole lines from the start that fit; of a single longer line, as much of it as fits. */
function headLines(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  const piece = decode(bytes.subarray(0, most), { start: false, end: true }).text;
  const end = piece.lastIndexOf("\n");
  return end < 0 ? piece : piece.slice(0, end + 1);
}

function tailLines(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  const piece = decode(bytes.subarray(bytes.length - most), { start: true, end: false }).text;
  const start = piece.indexOf("\n");
  return start < 0 || start === piece.length - 1 ? piece : piece.slice(start + 1);
}
