export type StreamName = "stdout" | "stderr";
export const STREAMS: readonly StreamName[] = ["stdout", "stderr"];

/** Bytes that are read at once: when nothing is said, and at most. */
export const DEFAULT_LENGTH = 64 * 1024;
export const MOST_LENGTH = 1024 * 1024;

/** What is known of a record: which call it holds, and what is kept of each stream. Plain JSON data. */
export interface RecordFacts {
  /** The call's. */
  readonly id: string;
  readonly tool: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly stdout: Kept;
  readonly stderr: Kept;
  /** Why it is not whole; empty when it is, but for what the limit leaves out. */
  readonly fault: string;
}

/** Which bytes of a stream are kept: those before `head` and those from `tail` on. Offsets count what was printed. */
export interface Kept {
  /** How many were printed in all. */
  readonly bytes: number;
  readonly head: number;
  readonly tail: number;
  /** How many are kept at most; the first half of them stays, the second half is a ring of the latest. */
  readonly limit: number;
}

export const NOTHING_KEPT: Kept = { bytes: 0, head: 0, tail: 0, limit: 2 };

/** Bytes that were not kept. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** A run of kept bytes. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** Where the next one begins; null: at the end. */
  readonly next: number | null;
  /** The bytes that are missing in front of it or behind it. */
  readonly gap: Gap | null;
}

export function recordUri(id: string, stream: StreamName): string {
  return `mcpfier://calls/${id}/${stream}`;
}

/** What can be read at an offset, at most `length` bytes and never across a gap. */
export function rangeAt(kept: Kept, offset: number, length: number): Range {
  const isInGap = offset >= kept.head && offset < kept.tail;
  const from = Math.min(isInGap ? kept.tail : offset, kept.bytes);
  return boundRange(kept, offset, from, Math.min(from + length, from < kept.head ? kept.head : kept.bytes));
}

/** The same for a run whose ends are known; `asked` is where its reader wanted to begin. */
export function boundRange(kept: Kept, asked: number, from: number, to: number): Range {
  const hasGap = kept.head < kept.tail;
  const isTouched = hasGap && ((asked >= kept.head && asked < kept.tail) || to === kept.head);
  const next = hasGap && to === kept.head ? kept.tail : to;
  return {
    from,
    to,
    next: next < kept.bytes ? next : null,
    gap: isTouched ? { from: kept.head, to: kept.tail } : null,
  };
}

/** Where an offset lies in the file, and how many bytes from there on lie behind it. */
export function placeOf(offset: number, limit: number): { readonly at: number; readonly room: number } {
  const half = Math.floor(limit / 2);
  if (offset < half) return { at: offset, room: half - offset };
  const ring = limit - half;
  const inRing = (offset - half) % ring;
  return { at: half + inRing, room: ring - inRing };
}

/** Reads the facts of a record back; undefined when the text was not written to its end. Throws when it is something else. */
export function parseFacts(text: string): RecordFacts | undefined {
  let facts: unknown;
  try {
    facts = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isFacts(facts)) throw new Error("it is damaged");
  return facts;
}

function isFacts(value: unknown): value is RecordFacts {
  const { id, tool, startedAt, stdout, stderr, fault } = (value ?? {}) as Partial<Record<keyof RecordFacts, unknown>>;
  const areTexts = [id, tool, fault].every((each) => typeof each === "string");
  return areTexts && typeof startedAt === "number" && isKept(stdout) && isKept(stderr);
}

function isKept(value: unknown): value is Kept {
  const { bytes, head, tail, limit } = (value ?? {}) as Readonly<Record<keyof Kept, number>>;
  const areCounts = [bytes, head, tail, limit].every((each) => Number.isSafeInteger(each));
  return areCounts && head >= 0 && head <= tail && tail <= bytes && limit > 0;
}

/** Whether any byte of a stream can be read. */
export function holdsAny({ bytes, head, tail }: Kept): boolean {
  return head > 0 || tail < bytes;
}
