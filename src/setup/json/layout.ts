import type { Text } from "./jsonc.ts";

/** Where the white space before a place begins: with its last line break, where it has one. */
export function leadOf({ text, comments }: Text, at: number): number {
  const solid = comments.findLast((each) => each.end <= at)?.end ?? 0;
  let from = at;
  while (from > solid && /\s/.test(text[from - 1] ?? "")) from--;
  const line = text.slice(from, at).search(LAST_LINE);
  return line < 0 ? from : from + line;
}

export const LAST_LINE = /(?:\r\n|\n|\r)[^\r\n]*$/;

export interface Layout {
  readonly eol: string;
  /** One step deeper. */
  readonly unit: string;
  readonly indent: string;
}

/** How a text is laid out, told by its first line break and its first member. */
export function layoutOf({ text, root }: Pick<Text, "text"> & Partial<Text>): Layout {
  const eol = /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";
  const first = root?.members?.[0];
  const unit = (first ? /[\r\n]([ \t]+)$/.exec(text.slice(0, first.start)) : /[\r\n]([ \t]+)"/.exec(text))?.[1] ?? "  ";
  return { eol, unit, indent: "" };
}

/** The white space that the line of a place begins with. */
export function indentAt(text: string, at: number): string {
  const line = Math.max(text.lastIndexOf("\n", at - 1), text.lastIndexOf("\r", at - 1)) + 1;
  return /^[ \t]*/.exec(text.slice(line, at))?.[0] ?? "";
}

/** A value over several lines, but for the indentation of the first one. */
export function pretty(value: unknown, { eol, unit, indent }: Layout): string {
  return JSON.stringify(value, null, unit).replaceAll("\n", `${eol}${indent}`);
}

/** A value on one line. */
export function inline(value: unknown): string {
  return Array.isArray(value) ? `[${value.map((each) => JSON.stringify(each)).join(", ")}]` : JSON.stringify(value);
}
