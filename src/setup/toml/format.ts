import { isDeepStrictEqual } from "node:util";
import { parse } from "smol-toml";
import { type ParseError, parseTOML } from "toml-eslint-parser";
import { type Entry, type Document, type Format, type Refused, type Spot, isRefused } from "../format.ts";
import { remembering } from "../remembering.ts";
import { outside } from "../splice.ts";
import { type Source, faultIn, oursIn, withTable, withValue, withoutLast } from "./edit.ts";
import { isBelow, treeOf } from "./tree.ts";
import { writeTable } from "./write.ts";

type Data = Record<string, unknown>;

/**
 * TOML, of which tables and lines are added and taken out whole. Of its two readers neither knows the other's mistakes:
 * `toml-eslint-parser` tells where things stand, `smol-toml` what they are.
 */
export function createToml(): Format {
  const source = remembering(sourceOf);
  const read = (text: string, spot: Spot): Document | Refused => documentOf(source(text), text, spot);
  const rest = (text: string, spot: Spot): unknown => restOf(source(text), text, spot);

  return {
    read,
    // An entry is a table of its own, which leaves nothing.
    withoutMap: (text) => text,
    differOnlyAt: (spot, before, after) => isDeepStrictEqual(rest(before, spot), rest(after, spot)),
    snippet: ({ map, name }, _head, entry) => (entry ? `${writeTable([...map, name], entry, "\n")}\n` : ""),
  };
}

function documentOf(source: Read | Refused, text: string, spot: Spot): Document | Refused {
  if (isRefused(source)) return source;
  const { data, tree } = source;
  const path = [...spot.map, spot.name];
  const servers = objectAt(data, spot.map);
  const fault = faultOf(source, spot);
  if (fault) return fault;
  const entry = objectAt(data, path);
  return {
    text,
    isEmpty: tree.tables.length + tree.pairs.length === 0,
    hasMap: servers !== undefined,
    depth: spot.map.length,
    stub: null,
    entry: entry ? plain(entry) : null,
    comments: () => tree.comments,
    leaves: () =>
      tree.leaves.map(({ start, end, value, path: at }) => ({
        start,
        end,
        value,
        keys: isBelow(at, path) ? at.slice(path.length) : null,
      })),
    with: (keys, value) =>
      keys.length === 0
        ? withTable(text, path, value as Entry)
        : withValue(source, [...path, ...keys], path.length, value),
    without: () => without(source, path),
  };
}

/** One piece after the other, each from the end: what follows it then is as it was. */
function without({ text, tree }: Source, path: readonly string[]): string | Refused {
  const last = oursIn({ text, tree }, path).at(-1);
  if (!last) return text;
  const next = withoutLast(text, last);
  const source = sourceOf(next);
  return isRefused(source) ? source : without(source, path);
}

interface Read extends Source {
  readonly data: Data;
}

function sourceOf(text: string): Read | Refused {
  try {
    return { text, tree: treeOf(parseTOML(text)), data: parse(text, { integersAsBigInt: "asNeeded" }) };
  } catch (error) {
    if (error instanceof RangeError) return { fault: "it is nested too deeply to be read" };
    const { line, lineNumber = line, column = 0, message } = error as Partial<ParseError> & { line?: number };
    const [what = ""] = (message ?? "").replace(/^Invalid TOML document: /, "").split("\n");
    return {
      fault: `line ${lineNumber ?? "?"}, column ${column + (line === undefined ? 1 : 0)}: ${what.charAt(0).toLowerCase()}${what.slice(1)}`,
    };
  }
}

function faultOf(source: Read, spot: Spot): Refused | undefined {
  for (let depth = 1; depth <= spot.map.length + 1; depth++) {
    const path = [...spot.map, spot.name].slice(0, depth);
    const above = objectAt(source.data, path.slice(0, -1));
    const value = above?.[path.at(-1) ?? ""];
    if (value !== undefined && !isTable(value))
      return { fault: `"${path.join(".")}" is ${kindOf(value)}, and a table is expected` };
  }
  return faultIn(source, spot);
}

/** What must be in both texts the same: all that is written outside of the entry, and all that it means. */
function restOf(source: Read | Refused, text: string, { map, name }: Spot): unknown {
  if (isRefused(source)) return { text };
  const data = structuredClone(source.data);
  const servers = objectAt(data, map);
  if (servers) delete servers[name];
  const above = objectAt(data, map.slice(0, -1));
  if (servers && Object.keys(servers).length === 0) delete above?.[map.at(-1) ?? ""];
  return { outside: outside(text, oursIn(source, [...map, name])), data };
}

function objectAt(data: Data, path: readonly string[]): Data | undefined {
  let at: unknown = data;
  for (const key of path) at = isTable(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  return isTable(at) ? at : undefined;
}

function isTable(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "a text";
  if (typeof value === "boolean") return "true or false";
  return value instanceof Date ? "a date" : "a number";
}

/** Numbers that are too large for others, and dates, only have to be the same. */
function plain(entry: Entry): Entry {
  return JSON.parse(
    JSON.stringify(entry, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
  ) as Entry;
}
