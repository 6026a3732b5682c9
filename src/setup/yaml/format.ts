import { isDeepStrictEqual } from "node:util";
import { load } from "js-yaml";
import { type Entry, type Document, type Format, type Refused, type Spot, isRefused } from "../format.ts";
import { remembering } from "../remembering.ts";
import { keysTo } from "../mask.ts";
import { isWithin, outside } from "../splice.ts";
import { type Found, oursIn, stubOf, withEntry, withValue, withoutEntry, withoutServers } from "./edit.ts";
import { restOf } from "./events.ts";
import { TOO_DEEP, type Tree, type Value, commentsIn, treeOf } from "./tree.ts";
import { writeBehind, writeItem, writeMember } from "./write.ts";

/**
 * YAML, of which whole lines are added and taken out, and members where the servers stand in brackets. Of its two readers neither
 * knows the other's mistakes: `yaml` tells where things stand, `js-yaml` what they are.
 */
export function createYaml(): Format {
  const find = remembering(partsOf);
  const rest = remembering((text, spot: Spot) => restIn(find(text, spot), text, spot));

  const differOnlyAt: Format["differOnlyAt"] = (spot, before, after) =>
    isDeepStrictEqual(rest(before, spot), rest(after, spot)) && (canLoad(after) || !canLoad(before));

  return {
    read: (text, spot) => documentOf(find(text, spot), text, spot),
    withoutMap: (text, spot, stub) => {
      const found = find(text, spot);
      const after = isRefused(found) ? text : withoutServers(found, stub);
      return differOnlyAt(spot, text, after) ? after : text;
    },
    differOnlyAt,
    snippet: ({ map, name, isList }, head, entry) => {
      const layout = { eol: "\n", unit: "  " };
      const top = Object.entries(head).map(([key, value]) => `${key}:${writeBehind(value, "", layout)}\n`);
      if (!entry) return top.join("");
      const written = isList ? writeItem(entry, "  ", layout) : writeMember(name, entry, "  ", layout);
      return `${top.join("")}${map.join(".")}:\n${written}\n`;
    },
  };
}

function documentOf(parts: Found | Refused, text: string, spot: Spot): Document | Refused {
  if (isRefused(parts)) return parts;
  const { tree, servers, entry } = parts;
  const data = entry && entryIn(text, spot);
  if (data && isRefused(data)) return data;
  const tied = entry?.value.isTied
    ? {
        fault: `"${spot.map.join(".")}.${spot.name}" has an anchor or an alias in it, and what shares it would change too`,
      }
    : undefined;
  return {
    text,
    isEmpty: tree.root === null,
    hasMap: servers !== undefined,
    depth: servers ? spot.map.length : 0,
    stub: servers ? stubOf(text, servers) : null,
    entry: data ?? null,
    comments: () => commentsIn(text),
    leaves: () =>
      tree.leaves.map((leaf) => ({
        start: leaf.start,
        end: leaf.end,
        value: leaf.value,
        keys: entry && isWithin(leaf, entry) ? keysTo(leaf, entry.value.members) : null,
      })),
    with: (keys, value) =>
      tied ?? (keys.length === 0 ? withEntry(parts, spot, value as Entry) : withValue(parts, keys, value)),
    without: () => tied ?? withoutEntry(parts, spot),
  };
}

function partsOf(text: string, spot: Spot): Found | Refused {
  // To YAML it ends a line (1.2.2, 5.4), which not every reader knows.
  if (/\r(?!\n)/.test(text))
    return { fault: "it has a carriage return without a line feed, which readers take differently" };
  try {
    const tree = treeOf(text, spot);
    return isRefused(tree) ? tree : partsIn(tree, spot);
  } catch (error) {
    if (error instanceof RangeError) return TOO_DEEP;
    throw error;
  }
}

function partsIn(tree: Tree, { map, name, isList }: Spot): Found | Refused {
  const { root } = tree;
  const key = map.join(".");
  if (root && root.kind !== "map") return expected("the whole of it", root, "map");
  const servers = root?.members.find((member) => member.key === key);
  if (!servers) return { tree, servers, entry: undefined };
  const { kind, hasAnchor, members } = servers.value;
  const wanted = isList ? "list" : "map";
  if (kind !== wanted && kind !== "nothing") return expected(`"${key}"`, servers.value, wanted);
  if (hasAnchor) return { fault: `"${key}" has an anchor, and what refers to it would change too` };
  const [entry, ...others] = members.filter((member) => member.key === name);
  if (others.length > 0) return { fault: `"${name}" stands in it more than once` };
  if (entry && entry.value.kind !== "map") return expected(`"${key}.${name}"`, entry.value, "map");
  return { tree, servers, entry };
}

function expected(what: string, { kind }: Value, wanted: string): Refused {
  return { fault: `${what} is ${KINDS[kind]}, and a ${wanted} is expected` };
}

const KINDS = { nothing: "empty", scalar: "a single value", alias: "an alias", map: "a map", list: "a list" } as const;

function entryIn(text: string, { map, name, isList }: Spot): Entry | Refused {
  try {
    const root = load(text) as Readonly<Record<string, unknown>>;
    const servers = map.reduce<unknown>((at, key) => (at as Entry)[key], root);
    const found = isList
      ? (servers as readonly Entry[]).find((each) => String(each["name"]) === name)
      : (servers as Readonly<Record<string, Entry>>)[name];
    return JSON.parse(JSON.stringify(found)) as Entry;
  } catch (error) {
    const { reason = "it is read in two ways", mark } = error as {
      reason?: string;
      mark?: { line: number; column: number };
    };
    return { fault: mark ? `line ${mark.line + 1}, column ${mark.column + 1}: ${reason}` : reason };
  }
}

function canLoad(text: string): boolean {
  try {
    load(text);
    return true;
  } catch {
    return false;
  }
}

/** What must be in both texts the same: all that is written outside of the entry, and all that it means. */
function restIn(parts: Found | Refused, text: string, spot: Spot): unknown {
  if (isRefused(parts)) return { text };
  try {
    return { outside: outside(text, oursIn(parts)), events: restOf(text, spot) };
  } catch {
    return { text };
  }
}
