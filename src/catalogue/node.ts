import type { Range } from "./source.ts";

/** A YAML value with its place. Aliases share the node of their anchor. */
export type Node = ScalarNode | SequenceNode | MappingNode;

export interface ScalarNode extends Range {
  readonly kind: "scalar";
  /** Interpolation replaces `value` and `template`, before anything else reads them. */
  value: string | number | boolean | null;
  /** The value as a template is read from it: a literal `${` stands as `$${`. */
  template: string;
  /** The text as it is written, without quotes. */
  readonly text: string;
  /** What interpolation made the template of, in order; absent: nothing was filled in. */
  pieces?: readonly Piece[];
  /** Whether the text itself was reported, before anything asked what it is for. */
  isFaulty: boolean;
}

/** A part of a template, as it is written or as it was filled in. */
export interface Piece {
  readonly template: string;
  /** What the environment gave; null: it is written so. */
  readonly value: string | null;
}

export interface SequenceNode extends Range {
  readonly kind: "sequence";
  readonly items: Node[];
}

export interface MappingNode extends Range {
  readonly kind: "mapping";
  readonly entries: Map<string, Entry>;
}

export interface Entry {
  readonly key: Range;
  readonly value: Node;
}

/** The plain value of a node. Nodes hold no `__proto__` key, so plain objects are safe. */
export function toValue(node: Node): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "sequence") return node.items.map(toValue);
  const object: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) object[key] = toValue(entry.value);
  return object;
}

/** The node at a path of keys and indices, as far as it exists. */
export function nodeAt(root: Node, path: readonly (string | number)[]): Node {
  let node = root;
  for (const step of path) {
    const next = child(node, step);
    if (!next) return node;
    node = next;
  }
  return node;
}

/** The plain value at a path of keys and indices; undefined where the path leads nowhere. */
export function valueAt(root: Node, ...path: readonly (string | number)[]): unknown {
  let node: Node | undefined = root;
  for (const step of path) node = node && child(node, step);
  return node && toValue(node);
}

/** The text of a key of a mapping; empty when it is absent. */
export function textAt(node: Node, key: string): string {
  const found = child(node, key);
  return found?.kind === "scalar" && found.value !== null ? String(found.value) : "";
}

/** The place of a key inside a mapping node, or of the node itself. */
export function keyAt(node: Node, key: string): Range {
  return (node.kind === "mapping" ? node.entries.get(key)?.key : undefined) ?? node;
}

export function child(node: Node, step: string | number): Node | undefined {
  if (node.kind === "mapping") return node.entries.get(String(step))?.value;
  return node.kind === "sequence" ? node.items[Number(step)] : undefined;
}
