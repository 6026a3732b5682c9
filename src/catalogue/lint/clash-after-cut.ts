import type { Read } from "../needs.ts";
import { CUTS } from "./cut.ts";
import type { Advice, LintRule } from "./rule.ts";

export const clashAfterCut: LintRule = {
  id: "clash-after-cut",
  meaning: "two names that are the same after a client has cut them",
  reason: "One of the two tools is lost then, or the wrong one is called. Let names differ early.",
  check: ({ read }) => {
    const seen = CUTS.map(() => new Map<string, string>());
    return read.flatMap((one) => clashOf(one, seen));
  },
};

/** The first clash with a name before it, if any. */
function clashOf({ draft, command: { name } }: Read, seen: readonly Map<string, string>[]): readonly Advice[] {
  const clashes = CUTS.flatMap(({ who, shown }, index) => {
    const other = seen[index]?.get(shown(name));
    if (other === undefined) seen[index]?.set(shown(name), name);
    return other === undefined || other === name ? [] : [`${who} cannot tell it from "${other}"`];
  });
  const hint = "make it shorter, or let it differ earlier";
  return clashes.slice(0, 1).map((message) => ({ source: draft.source, range: draft.at("name"), message, hint }));
}
