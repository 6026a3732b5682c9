import { formsOf } from "./secret-forms.ts";

const MARK = Buffer.from("[redacted]");
/** Shorter values are no secrets, and to redact them would only spoil the text and tell where they stood. */
const SHORTEST = 4;

/** Whether the value of an environment variable of this name counts as a secret. */
export function isSecretName(name: string): boolean {
  return /TOKEN|SECRET|PASSWORD|KEY/i.test(name);
}

/** Replaces known secrets, in all their usual encodings, in a stream of bytes, also those that are split over two chunks. */
export interface Redactor {
  /** The bytes that are now certain; may hold back as many as the longest secret is long. */
  write(chunk: Buffer): Buffer;
  /** What was held back. */
  end(): Buffer;
}

/** The longest secret that begins at the leftmost place wins; the result does not depend on where chunks are cut. */
export function createRedactor(secrets: Iterable<string>): Redactor {
  const wanted = new Set([...secrets].filter((secret) => secret.length >= SHORTEST));
  const needles = [...new Set([...wanted].flatMap(formsOf))]
    .map((secret) => Buffer.from(secret))
    .sort((a, b) => b.length - a.length);
  if (needles.length === 0) return { write: (chunk) => chunk, end: () => Buffer.alloc(0) };
  let held: Buffer = Buffer.alloc(0);

  function scan(bytes: Buffer, last: boolean): Buffer {
    const out: Buffer[] = [];
    let position = 0;
    let hold = last ? bytes.length : heldFrom(bytes, needles, position);
    for (;;) {
      const match = leftmost(bytes, needles, position);
      if (!match || match.start >= hold) break;
      out.push(bytes.subarray(position, match.start), MARK);
      position = match.start + match.length;
      if (position > hold) hold = heldFrom(bytes, needles, position);
    }
    out.push(bytes.subarray(position, hold));
    held = Buffer.from(bytes.subarray(hold));
    return Buffer.concat(out);
  }

  return {
    write: (chunk) => scan(held.length === 0 ? chunk : Buffer.concat([held, chunk]), false),
    end: () => scan(held, true),
  };
}

/** The whole text with its secrets replaced. */
export function redact(text: string, secrets: Iterable<string>): string {
  const redactor = createRedactor(secrets);
  return Buffer.concat([redactor.write(Buffer.from(text)), redactor.end()]).toString();
}

function leftmost(
  bytes: Buffer,
  needles: readonly Buffer[],
  from: number,
): { start: number; length: number } | undefined {
  let best: { start: number; length: number } | undefined;
  for (const needle of needles) {
    const start = bytes.indexOf(needle, from);
    if (start >= 0 && (!best || start < best.start)) best = { start, length: needle.length };
  }
  return best;
}

/** Where the first suffix begins that more bytes could complete to a secret. */
function heldFrom(bytes: Buffer, needles: readonly Buffer[], from: number): number {
  const longest = needles[0]?.length ?? 0;
  for (let start = Math.max(from, bytes.length - longest + 1); start < bytes.length; start++) {
    const suffix = bytes.subarray(start);
    if (needles.some((needle) => needle.length > suffix.length && needle.subarray(0, suffix.length).equals(suffix)))
      return start;
  }
  return bytes.length;
}
