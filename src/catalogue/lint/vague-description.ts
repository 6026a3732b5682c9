import type { Command } from "../../command/command.ts";
import { type LintRule, eachCommand } from "./rule.ts";

const PLACEHOLDER = /^\W*(?:todo|tbd|fixme|xxx|description|placeholder|lorem ipsum|n\/a|none|test)\b\W*/i;
/** Words that every tool could have. */
const EMPTY = new Set(
  wordsOf(
    "a an the this that it its of to for in on by with and or is are does do runs running executes calls invokes uses performs commands tools script program function utility helper mcp",
  ),
);

export const vagueDescription: LintRule = {
  id: "vague-description",
  meaning: "a description that says no more than the name does",
  reason:
    "The description is all that a model has to choose by. Say what the command does, what it prints, and when another one is better.",
  check: eachCommand(({ draft, command }) => {
    const text = command.description.trim();
    if (text === "" || !isVague(command)) return [];
    const message = `the description of "${command.name}" tells a model no more than the name does`;
    return [
      {
        range: draft.nodeOf("description") ?? draft.at("description"),
        message,
        hint: "say what it does, what it prints, and when to use another one",
      },
    ];
  }),
};

function isVague({ name, title, description, program }: Command): boolean {
  if (PLACEHOLDER.test(description) && description.trim().length < 40) return true;
  const known = new Set([
    ...wordsOf(name),
    ...wordsOf(title),
    ...(program.kind === "argv" ? wordsOf(program.name) : []),
  ]);
  return wordsOf(description).every((word) => EMPTY.has(word) || known.has(word));
}

/** The stems, roughly: `lists` is `list`. */
function wordsOf(text: string): readonly string[] {
  const words =
    text
      .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => (word.length > 3 ? word.replace(/(?:es|s)$/, "") : word));
}
