import { wholeOf } from "../capture.ts";
import type { Cleaner } from "../cleaner.ts";
import type { Excerpt } from "../excerpt.ts";
import type { Printed } from "./format.ts";

/** A value that text stands for, or why it stands for none. */
export type Parsed = { readonly value: unknown } | { readonly fault: string };

/** A language that commands print data in. */
export interface Language {
  /** As a sentence calls it. */
  readonly noun: string;
  /** The fault is one sentence on one line. What takes more than `most` bytes as JSON may be refused at once. */
  parse(text: string, most: number): Parsed | Promise<Parsed>;
}

/** Deeper values are no results but attempts to exhaust a reader. */
const LEVELS = 64;

const LONGEST_LINE = 300;

/** The whole of stdout as a value that may be sent: no deeper than 64 levels, no larger than the budget, its texts clean. */
export async function structureOf(printed: Printed, shown: Excerpt, { noun, parse }: Language): Promise<Parsed> {
  const { stdout, clean } = printed;
  const { maxBytes } = printed.output;
  const whole = wholeOf(stdout, maxBytes);
  if (!whole || shown.cut) return { fault: `the output is longer than ${maxBytes} bytes and is not parsed as ${noun}` };
  const parsed = await parse(whole.toString("utf8").replace(/^\uFEFF/, ""), maxBytes);
  if ("fault" in parsed) return { fault: shortened(clean(parsed.fault)) };
  if (isDeeper(parsed.value, LEVELS)) return { fault: `the output is ${noun} of more than ${LEVELS} levels` };
  const value = cleanValue(parsed.value, clean);
  if (Buffer.byteLength(JSON.stringify(value)) > maxBytes) return { fault: tooLarge(maxBytes) };
  return { value };
}

/** A fault may quote the output, and a value of that may be as long as the output itself. */
export function shortened(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE).toWellFormed()}...` : line;
}

/** Why a value is not sent as data. */
export function tooLarge(most: number): string {
  return `as a structured result the output takes more than ${most} bytes, so that it is shown as text only`;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** `fromEntries` makes `__proto__` a key like others. */
function cleanValue(value: unknown, clean: Cleaner): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, clean));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [clean(key), cleanValue(inner, clean)]));
}
