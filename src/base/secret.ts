import { type Finder, finderOf } from "./finder.ts";
import { formsOf } from "./secret-forms.ts";

const NOTHING = Buffer.alloc(0);
const MARK = Buffer.from("[redacted]");
/** Shorter values are no secrets, and to redact them would only spoil the text and tell where they stood. */
const SHORTEST = 4;

/** Whether the value of an environment variable of this name counts as a secret. */
export function isSecretName(name: string): boolean {
  return /TOKEN|SECRET|PASSWORD|KEY/i.test(name);
}

/**
 * Replaces known secrets in a stream of bytes, in all their usual encodings, also those that are split over two chunks, by
 * what `plainText` removes, or, when they are long, by white space.
 */
export interface Redactor {
  /** The bytes that are now certain; holds back what may be the beginning of a secret, with 4 KiB inside that are none of it at most. */
  write(chunk: Buffer): Buffer;
  /** What was held back; what is written then is another stream. */
  end(): Buffer;
  /** From now on this is a secret, too, also where it begins in what is held back. */
  learn(secret: string): void;
}

/** The longest secret that begins at the leftmost place wins; the result does not depend on where chunks are cut. */
export function createRedactor(secrets: Iterable<string>): Redactor {
  const wanted = new Set([...secrets].filter(isLongEnough));
  /** Null where nothing was sought yet: most streams of a call stay empty, and a secret may be learnt before they begin. */
  let finder: Finder | null = null;
  let held: Buffer = NOTHING;
  /** Where `held` begins in the stream. */
  let position = 0;

  /** Passes on what is certain of `bytes`, which begin at `position`. */
  function pass(by: Finder, bytes: Buffer): Buffer {
    const first = position;
    const out: Buffer[] = [];
    for (const { start, end } of by.settle()) {
      out.push(bytes.subarray(position - first, start - first), MARK);
      position = end;
    }
    const rest = by.settledTo();
    out.push(bytes.subarray(position - first, rest - first));
    held = Buffer.from(bytes.subarray(rest - first));
    position = rest;
    return out.length === 1 ? (out[0] ?? NOTHING) : Buffer.concat(out);
  }

  function write(chunk: Buffer): Buffer {
    if (wanted.size === 0) return chunk;
    finder ??= prepare([...wanted])();
    finder.take(chunk);
    return pass(finder, held.length === 0 ? chunk : Buffer.concat([held, chunk]));
  }

  function finish(): Buffer {
    if (!finder) return NOTHING;
    finder.end();
    const rest = pass(finder, held);
    finder = null;
    position = 0;
    return rest;
  }

  function learn(secret: string): void {
    if (!isLongEnough(secret) || wanted.has(secret)) return;
    wanted.add(secret);
    if (!finder) return;
    finder = prepare([...wanted])();
    finder.take(held);
    position = 0;
  }
  return { write, end: finish, learn };
}

function isLongEnough(secret: string): boolean {
  return secret.length >= SHORTEST;
}

let prepared = { key: "", begin: finderOf([]) };

/** Mostly the secrets are those of the call before, and to prepare for them takes longer than to search what a call prints. */
function prepare(secrets: readonly string[]): () => Finder {
  const key = JSON.stringify(secrets);
  if (key !== prepared.key) prepared = { key, begin: finderOf(secrets.flatMap(formsOf)) };
  return prepared.begin;
}

/** The whole text with its secrets replaced. */
export function redact(text: string, secrets: Iterable<string>): string {
  const wanted = [...secrets].filter(isLongEnough);
  // As it comes back from UTF-8.
  if (wanted.length === 0) return text.toWellFormed();
  const redactor = createRedactor(wanted);
  return Buffer.concat([redactor.write(Buffer.from(text)), redactor.end()]).toString();
}
