import type { Node, ScalarNode } from "./node.ts";

/** What the schema found in a file, by node, so that the readers conclude nothing from what was reported already. */
export interface Faults {
  /** Values that are not usable. */
  readonly broken: ReadonlySet<Node>;
  /** What the unknown keys of a mapping may have meant. */
  readonly meant: ReadonlyMap<Node, readonly string[]>;
}

/** Whether the value itself is of no use. A text with a mistake in it is still a text, and may hold another. */
export function isBroken(node: Node, { broken }: Faults): boolean {
  return broken.has(node) || (isFaulty(node) && typeof node.value !== "string");
}

/** Whether the value or anything in it was reported, so that it cannot be used as a whole. */
export function holdsBroken(node: Node, faults: Faults): boolean {
  return isBroken(node, faults) || isFaulty(node) || childrenOf(node).some((each) => holdsBroken(each, faults));
}

/** Whether an unknown key was reported in it. */
export function holdsUnknown(node: Node, faults: Faults): boolean {
  return faults.meant.has(node) || childrenOf(node).some((each) => holdsUnknown(each, faults));
}

function isFaulty(node: Node): node is ScalarNode {
  return node.kind === "scalar" && node.isFaulty;
}

function childrenOf(node: Node): readonly Node[] {
  if (node.kind === "scalar") return [];
  return node.kind === "sequence" ? node.items : Array.from(node.entries.values(), (entry) => entry.value);
}
