import type { AST } from "toml-eslint-parser";
import type { Range } from "../splice.ts";

export type Path = readonly string[];

/** A table with a header of its own, up to the end of the last pair in it. */
export interface Table extends Range {
  readonly path: Path;
  readonly isList: boolean;
  /** Behind its last pair, or behind its header. */
  readonly end: number;
}

/** A key with its value. */
export interface Pair extends Range {
  readonly path: Path;
  /** What its key is written below. */
  readonly base: Path;
  readonly value: Range;
  /** Where members go in, and whether there are any, of a table in braces; null: it is none. */
  readonly braces: { readonly at: number; readonly isEmpty: boolean } | null;
  /** It stands in braces itself. */
  readonly isInline: boolean;
}

/** All that has a path of keys, in order, and where it is written. */
export interface Tree {
  readonly tables: readonly Table[];
  readonly pairs: readonly Pair[];
  readonly comments: readonly Range[];
  /** Values that consist of nothing else; those in a list have its path. */
  readonly leaves: readonly (Range & { readonly path: Path; readonly value: unknown })[];
}

export function treeOf(program: AST.TOMLProgram): Tree {
  const tables: Table[] = [];
  const pairs: Pair[] = [];
  const leaves: Tree["leaves"][number][] = [];

  function addPair({ key, value, range }: AST.TOMLKeyValue, base: Path, isInline: boolean): void {
    const path = [...base, ...key.keys.map((each) => (each.type === "TOMLBare" ? each.name : each.value))];
    const isBraced = value.type === "TOMLInlineTable";
    const last = isBraced ? value.body.at(-1) : undefined;
    const braces = isBraced ? { at: last?.range[1] ?? value.range[0] + 1, isEmpty: !last } : null;
    pairs.push({ ...rangeOf(range), path, base, value: rangeOf(value.range), braces, isInline });
    addValue(value, path);
  }

  function addValue(value: AST.TOMLContentNode, path: Path): void {
    if (value.type === "TOMLInlineTable") for (const pair of value.body) addPair(pair, path, true);
    else if (value.type === "TOMLArray") for (const item of value.elements) addValue(item, path);
    else leaves.push({ ...rangeOf(value.range), path, value: value.value });
  }

  for (const each of program.body[0].body) {
    if (each.type === "TOMLKeyValue") addPair(each, [], false);
    else {
      const path = each.resolvedKey.map(String);
      // Of a table without pairs the parser's range is its header.
      tables.push({ ...rangeOf(each.range), path, isList: each.kind === "array" });
      for (const pair of each.body) addPair(pair, path, false);
    }
  }
  return { tables, pairs, comments: program.comments.map(({ range }) => rangeOf(range)), leaves };
}

export function isBelow(path: Path, above: Path): boolean {
  return above.every((key, index) => path[index] === key);
}

function rangeOf([start, end]: readonly [number, number]): Range {
  return { start, end };
}
