import type { Entry, MappingNode, Node, ScalarNode } from "./node.ts";
import type { Range } from "./source.ts";

/** A key of the original MCPFier whose value is none of today's language, and what stands for it. */
export interface Change extends Held {
  /** Null: nothing does. */
  readonly node: Node | null;
  /** The text of the node, from that of the value as it is written. */
  write(written: string): string;
  readonly message: string;
  readonly hint: string;
}

/** An entry, and the mapping that it stands in. */
export interface Held {
  readonly within: MappingNode;
  readonly key: string;
  readonly entry: Entry;
}

export function held(within: Node | undefined, keys: readonly string[]): readonly Held[] {
  if (within?.kind !== "mapping") return [];
  return keys.flatMap((key) => {
    const entry = within.entries.get(key);
    return entry ? [{ within, key, entry }] : [];
  });
}

export function isEmpty(node: Node): boolean {
  return node.kind === "scalar" && (node.value === null || node.value === "");
}

export function removed(at: Held, message: string): Change {
  return { ...at, node: null, write: () => "", message, hint: "remove it" };
}

/** Another text in the place of a text. */
export function reworded(at: Held, today: string, message: string): Change {
  const node = scalar(today, at.entry.value);
  return { ...at, node, write: () => today, message, hint: `write \`${today}\`` };
}

/** A duration without a unit; nothing where it has one. */
export function inSeconds(at: Held): readonly Change[] {
  const { value } = at.entry;
  if (value.kind !== "scalar" || !/^\d+(?:\.\d+)?$/.test(value.text)) return [];
  return [reworded(at, `${value.text}s`, `\`${at.key}: ${value.text}\` has no unit, and is read as seconds`)];
}

export function scalar(text: string, { start, end }: Range): ScalarNode {
  return { kind: "scalar", value: text, template: text, text, isFaulty: false, start, end };
}
