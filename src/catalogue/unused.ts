import type { Draft } from "./draft.ts";
import { keyAt } from "./node.ts";
import type { Parameters } from "./params.ts";

/** Warns of arguments whose values nothing asks for. */
export function warnUnused(draft: Draft, { list }: Parameters, mentioned: readonly string[]): void {
  const params = draft.node.entries.get("params")?.value ?? draft.node;
  for (const { name } of list) {
    if (mentioned.includes(name)) continue;
    const message = `nothing mentions the parameter "${name}", so its value is lost`;
    draft.warn(keyAt(params, name), "unused-parameter", message, `write \`\${{ ${name} }}\` where it belongs`);
  }
}
