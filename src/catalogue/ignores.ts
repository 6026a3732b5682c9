import type { Problem } from "../base/problem.ts";
import type { CatalogueFile } from "./files.ts";
import type { Node } from "./node.ts";
import { type Range, type Source, place } from "./source.ts";

/** A comment `# mcpfier-ignore: RULE, RULE -- reason`: warnings of these rules are not told for one line, or for the whole file. */
export interface Ignore {
  readonly source: Source;
  readonly range: Range;
  readonly rules: readonly IgnoredRule[];
  /** The line that it is about, from 1; null: the whole file. */
  readonly line: number | null;
  /** Whether it is about the whole file, and does not stand at its top, so that it is about nothing. */
  readonly isMisplaced: boolean;
}

export interface IgnoredRule {
  readonly id: string;
  readonly range: Range;
}

const MARK = "mcpfier-ignore";
const COMMENT = /(?<=^|[ \t])#[ \t]*mcpfier-ignore(-file)?\b[ \t]*:?([^\n\r]*)/gm;

/** The comments of all files of a catalogue. */
export function ignoresOf(files: readonly CatalogueFile[]): readonly Ignore[] {
  return files.flatMap((file) => (file.source.text.includes(MARK) ? commentsOf(file) : []));
}

/** Whether a comment asks that a problem be not told. Errors always are. */
export function isIgnored(problem: Problem, ignores: readonly Ignore[]): boolean {
  return ignores.some(({ rules, ...ignore }) => rules.some(({ id }) => covers({ ...ignore, id }, problem)));
}

/** Whether a problem is one that an entry of a comment is about. */
export function covers(
  { source, line, isMisplaced, id }: Omit<Ignore, "rules" | "range"> & { readonly id: string },
  problem: Problem,
): boolean {
  if (isMisplaced || problem.severity === "error" || problem.rule !== id || problem.file !== source.file) return false;
  return line === null || line === problem.line;
}

function commentsOf({ source, root }: CatalogueFile): readonly Ignore[] {
  const { text } = source;
  const texts = scalarsIn(root);
  return [...text.matchAll(COMMENT)]
    .filter(({ index }) => !texts.some(({ start, end }) => start <= index && index < end))
    .map((match) => {
      const { index: start, 0: written, 1: wide, 2: rest = "" } = match;
      const isWide = wide !== undefined;
      return {
        source,
        range: { start, end: start + written.trimEnd().length },
        rules: rulesIn(rest, start + written.length - rest.length),
        line: isWide ? null : lineOf(text, start),
        isMisplaced: isWide && start > root.start,
      };
    });
}

/** Text is no comment, whatever it looks like. */
function scalarsIn(node: Node): readonly Range[] {
  if (node.kind === "scalar") return [node];
  const inside = node.kind === "sequence" ? node.items : Array.from(node.entries.values(), ({ value }) => value);
  return inside.flatMap(scalarsIn);
}

function rulesIn(text: string, offset: number): readonly IgnoredRule[] {
  const [list = ""] = text.split(/(?:^|\s)--(?:\s|$)/, 1);
  return Array.from(list.matchAll(/[^\s,]+/g), ({ index, 0: id }) => ({
    id,
    range: { start: offset + index, end: offset + index + id.length },
  }));
}

/** Its own line behind something, else the next one that is neither empty nor a comment. */
function lineOf(text: string, start: number): number {
  const { line } = place(text, { start, end: start });
  const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  if (before.trim() !== "") return line;
  const next = text.split("\n").findIndex((each, at) => at >= line && !/^\s*(?:#.*)?$/.test(each));
  return next < 0 ? line : next + 1;
}
