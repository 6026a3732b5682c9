import { didYouMean } from "../../base/nearest.ts";
import { RULES, type Rule, isError } from "../../base/problem.ts";
import { covers } from "../ignores.ts";
import type { LintRule } from "./rule.ts";

/** Where the program is there, nothing is ignored, and elsewhere there is. */
const OF_THE_MACHINE = "program-missing" satisfies Rule;

/** `ids` are those of all rules of lint. */
export function unknownIgnore(ids: () => readonly string[]): LintRule {
  return {
    id: "unknown-ignore",
    meaning: "a `# mcpfier-ignore` that names no rule, or one that does not exist",
    reason: "It does nothing, and looks as if it did.",
    check: ({ ignores }) => {
      const known = [...Object.keys(RULES), ...ids()];
      return ignores.flatMap(({ source, range, rules }) => {
        if (rules.length === 0)
          return [
            { source, range, message: "the comment names no rule", hint: "write `# mcpfier-ignore: RULE -- reason`" },
          ];
        return rules
          .filter(({ id }) => !known.includes(id))
          .map(({ id, range: at }) => ({
            source,
            range: at,
            message: `there is no rule "${id}"`,
            hint: didYouMean(id, known) || "docs/lint.md has all of them",
          }));
      });
    },
  };
}

/** Stands behind all others, whose findings it needs. */
export function unusedIgnore(ids: () => readonly string[]): LintRule {
  return {
    id: "unused-ignore",
    meaning: "a `# mcpfier-ignore` for which there is nothing to ignore",
    reason: "It would hide the next finding of its rule, which nobody has thought about. Errors cannot be ignored.",
    check: ({ ignores, problems }) => {
      // What has errors is not looked at, so that nothing can be said of what it would have.
      if (problems.some(isError)) return [];
      const known = new Set([...Object.keys(RULES), ...ids()].filter((id) => id !== OF_THE_MACHINE));
      return ignores.flatMap(({ rules, ...ignore }) =>
        rules
          .filter(({ id }) => known.has(id) && !problems.some((problem) => covers({ ...ignore, id }, problem)))
          .map(({ id, range }) => ({
            source: ignore.source,
            range,
            message: ignore.isMisplaced
              ? "only at the top of the file, before its first key, is a comment about the whole file"
              : `nothing here breaks the rule "${id}"`,
            hint: ignore.isMisplaced ? "move it there" : "remove it",
          })),
      );
    },
  };
}
