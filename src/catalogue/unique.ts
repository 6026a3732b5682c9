import type { Rule } from "../base/problem.ts";
import type { Draft } from "./draft.ts";
import { place } from "./source.ts";

/** Reports what is said a second time under a key. */
export function createUnique(rule: Rule): (draft: Draft, key: string) => void {
  const places = new Map<string, string>();
  return (draft, key) => {
    const value = draft.get(key);
    const node = draft.nodeOf(key);
    if (typeof value !== "string" || !node) return;
    const { line, column } = place(draft.source.text, node);
    const first = places.get(value);
    if (first === undefined) places.set(value, `${draft.source.file}:${line}:${column}`);
    else draft.error(node, rule, `"${value}" is the \`${key}\` of another one, at ${first}`, "give it another one");
  };
}
