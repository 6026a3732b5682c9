import { Lexer, type Node, type Pair, isAlias, isMap, isNode, isScalar, isSeq, parseAllDocuments, visit } from "yaml";
import type { Refused, Spot } from "../format.ts";
import { type Range, placeIn } from "../splice.ts";

/** How an entry, or a member of it, is written. */
export interface Member extends Range {
  readonly key: string;
  /** Behind the colon of its key; of an item of a list, where it begins. */
  readonly colon: number;
  readonly value: Value;
}

export interface Value extends Range {
  readonly kind: "nothing" | "scalar" | "alias" | "map" | "list";
  /** Of a map or a list: whether it is written in brackets. */
  readonly isFlow: boolean;
  /** Of a map, and of a list of maps with a name, which is their key. */
  readonly members: readonly Member[];
  readonly hasAnchor: boolean;
  /** It is an alias or has an anchor, or its keys or what stands below them do: others may mean the same thing. */
  readonly isTied: boolean;
}

/** A text that was read; root null: there is nothing but white space and comments. */
export interface Tree {
  readonly text: string;
  readonly root: Value | null;
  /** Values that consist of nothing else. */
  readonly leaves: readonly (Range & { readonly value: unknown })[];
}

/** Its readers descend into what is nested. */
export const TOO_DEEP: Refused = { fault: "it is nested too deeply to be read" };

/** Reads the places of one document; the servers of `spot` may be a list. */
export function treeOf(text: string, { map, isList }: Spot): Tree | Refused {
  const documents = parseAllDocuments(text, {
    prettyErrors: false,
    logLevel: "silent",
    // Its own check compares each key with each.
    uniqueKeys: false,
  });
  const [document, second] = "empty" in documents ? [] : documents;
  if (second) return { fault: "it holds several documents" };
  const error = document?.errors[0];
  if (error?.code === "RESOURCE_EXHAUSTION") return TOO_DEEP;
  if (error)
    return {
      fault: `${placeIn(text, error.pos[0])}: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`,
    };
  const leaves: Tree["leaves"][number][] = [];
  const servers = map.join(".");

  let twice: number | undefined;

  function valueOf(node: unknown, at: number, path: string): Value {
    if (isAlias(node)) return valueAt(node, "alias");
    if (isMap(node)) {
      const members = node.items.map((pair) => memberOf(pair, path));
      twice ??= secondOf(node.items);
      return { ...valueAt(node, "map", members), isFlow: node.flow === true, members };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => itemOf(item, path));
      const members = isList && path === servers ? items : [];
      return { ...valueAt(node, "list", items), isFlow: node.flow === true, members };
    }
    if (!isScalar(node) || node.source === undefined || (node.value === null && node.source === "")) {
      const hasAnchor = isScalar(node) && node.anchor !== undefined;
      return { kind: "nothing", start: at, end: at, isFlow: false, members: [], hasAnchor, isTied: hasAnchor };
    }
    const value = valueAt(node, "scalar");
    leaves.push({ start: value.start, end: value.end, value: node.value });
    return node.value === null ? { ...value, kind: "nothing" } : value;
  }

  function memberOf({ key, value: node }: Pair, path: string): Member {
    const [start = 0, behind = 0] = (key as Node | null)?.range ?? [];
    const colon = behind + (/^\s*:/.exec(text.slice(behind))?.[0].length ?? 0);
    const name = isScalar(key) ? String(key.value) : "";
    const read = valueOf(node, colon, path === "" ? name : `${path}.${name}`);
    const value = { ...read, isTied: read.isTied || isTied(key) };
    return { key: name, start, colon, value, end: Math.max(read.end, colon) };
  }

  function itemOf(item: unknown, path: string): Member {
    const value = valueOf(item, (item as Node | null)?.range?.[0] ?? 0, `${path}.`);
    const named = isMap(item) ? item.items.find(({ key }) => isScalar(key) && key.value === "name") : undefined;
    const key = isScalar(named?.value) ? String(named.value.value) : "";
    return { key, start: value.start, colon: value.start, value, end: value.end };
  }

  const root = document?.contents ? valueOf(document.contents, 0, "") : null;
  if (twice !== undefined) return { fault: `${placeIn(text, twice)}: a key stands there that its map has already` };
  return { text, root: root?.kind === "nothing" ? null : root, leaves };
}

/** Where a key stands that was there before; undefined: nowhere. */
function secondOf(pairs: readonly Pair[]): number | undefined {
  const known = new Set<unknown>();
  for (const { key } of pairs) {
    if (!isScalar(key) || key.value === "<<") continue;
    if (known.has(key.value)) return key.range?.[0] ?? 0;
    known.add(key.value);
  }
  return undefined;
}

/** A collection in block style ends with its last value; the parser's range goes on over comments. */
function valueAt(node: Node, kind: Value["kind"], inner: readonly Member[] = []): Value {
  const [start, behind] = node.range ?? [0, 0];
  const isBlock = (isMap(node) || isSeq(node)) && node.flow !== true;
  const end = isBlock ? inner.reduce((last, each) => Math.max(last, each.end), start) : behind;
  const hasAnchor = "anchor" in node && node.anchor !== undefined;
  const tied = kind === "alias" || hasAnchor || inner.some((each) => each.value.isTied);
  return { kind, start, end, isFlow: false, members: [], hasAnchor, isTied: tied };
}

/** Of a key, which may be a whole map. */
function isTied(key: unknown): boolean {
  let found = false;
  const see = (node: Node): symbol | undefined => {
    found ||= isAlias(node) || node.anchor !== undefined;
    return found ? visit.BREAK : undefined;
  };
  if (isNode(key)) visit(key, { Node: (_, node) => see(node) });
  return found;
}

/** The marks that the lexer puts between what it finds; behind the last one is a scalar. */
const MARKS = new Set(["\u0002", "\u0018", "\u001f"]);

/** Where comments stand, which takes the reading of all of it. */
export function commentsIn(text: string): readonly Range[] {
  const comments: Range[] = [];
  let at = 0;
  let isValue = false;
  for (const token of new Lexer().lex(text)) {
    const isMark = MARKS.has(token);
    if (!isMark) {
      if (!isValue && token.startsWith("#")) comments.push({ start: at, end: at + token.length });
      at += token.length;
    }
    isValue = token === "\u001f";
  }
  return comments;
}
