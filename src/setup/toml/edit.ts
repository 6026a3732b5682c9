import type { Refused, Spot } from "../format.ts";
import { type Edit, type Range, behindBreak, eolOf, lineEnd, lineStart, splice } from "../splice.ts";
import { type Path, type Tree, isBelow } from "./tree.ts";
import { writePair, writeTable, writeValue } from "./write.ts";

/** A text that was read. */
export interface Source {
  readonly text: string;
  readonly tree: Tree;
}

/** What the entry consists of: tables with all that stands in them, and lines of other tables. In order, whole lines. */
export function oursIn({ text, tree }: Source, path: Path): readonly Range[] {
  const tables = tree.tables.filter((table) => isBelow(table.path, path));
  const lines = tree.pairs.filter((pair) => !pair.isInline && isBelow(pair.path, path) && !isBelow(pair.base, path));
  return [...tables, ...lines]
    .map(({ start, end }) => ({ start: lineStart(text, start), end: behindBreak(text, lineEnd(text, end)) }))
    .toSorted((one, other) => one.start - other.start);
}

/** Why the entry cannot be edited line by line. */
export function faultIn({ tree }: Source, { map, name }: Spot): Refused | undefined {
  const path = [...map, name];
  const list = tree.tables.find(({ isList, path: at }) => isList && isBelow(path, at.slice(0, -1)));
  if (list) return { fault: `"${list.path.slice(0, -1).join(".")}" is a list of tables, and a table is expected` };
  const braced = tree.pairs.find(({ path: at, braces }) => braces && at.length < path.length && isBelow(path, at));
  if (braced)
    return { fault: `"${braced.path.join(".")}" is written in braces: give each server a table of its own first` };
  return undefined;
}

/** The text with a new table behind all others. */
export function withTable(text: string, path: Path, value: Readonly<Record<string, unknown>>): string {
  const eol = eolOf(text);
  const isEnded = text === "" || text.endsWith("\n");
  // As it was before, so that taking it out can tell what was put there.
  const lead = text === "" ? "" : isEnded ? eol : `${eol}${eol}`;
  return `${text}${lead}${writeTable(path, value, eol)}${isEnded ? eol : ""}`;
}

/** The text with another value at a path below the entry. */
export function withValue(source: Source, path: Path, depth: number, value: unknown): string {
  const { text, tree } = source;
  const there = tree.pairs.find((pair) => isSame(pair.path, path));
  if (there) return splice(text, [{ ...there.value, text: writeValue(value) }]);
  if (path.length === depth) return withTable(text, path, value as Readonly<Record<string, unknown>>);
  const edit = insertion(source, path, value);
  return edit ? splice(text, [edit]) : withValue(source, path.slice(0, -1), depth, { [path.at(-1) ?? ""]: value });
}

/** The text without its last piece of the entry, and without the empty line that `withTable` put before it. */
export function withoutLast(text: string, { start, end }: Range): string {
  const isUnended = end === text.length && !text.endsWith("\n");
  const head = text.slice(0, start).replace(/(\n)\r?\n$/, "$1");
  return (isUnended ? head.replace(/\r?\n$/, "") : head) + text.slice(end);
}

/** A line behind the others of its table, or a member behind the others in its braces; undefined: there is no such table. */
function insertion({ text, tree }: Source, path: Path, value: unknown): Edit | undefined {
  const above = path.slice(0, -1);
  const pair = writePair(path.slice(-1), value);
  const braces = tree.pairs.find((each) => isSame(each.path, above))?.braces;
  if (braces) return { start: braces.at, end: braces.at, text: braces.isEmpty ? ` ${pair} ` : `, ${pair}` };
  const table = tree.tables.find((each) => isSame(each.path, above));
  if (table) return lineBehind(text, table.end, pair);
  const dotted = tree.pairs.findLast(
    (each) => !each.isInline && isBelow(each.path, above) && !isBelow(each.base, above),
  );
  return dotted && lineBehind(text, dotted.end, writePair(path.slice(dotted.base.length), value));
}

function lineBehind(text: string, end: number, line: string): Edit {
  const at = lineEnd(text, end);
  const indent = /^[ \t]*/.exec(text.slice(lineStart(text, end)))?.[0] ?? "";
  return { start: at, end: at, text: `${eolOf(text)}${indent}${line}` };
}

function isSame(one: Path, other: Path): boolean {
  return one.length === other.length && isBelow(one, other);
}
