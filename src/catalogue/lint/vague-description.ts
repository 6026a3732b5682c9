import { isVague } from "../../base/vague.ts";
import { type LintRule, eachCommand } from "./rule.ts";

export const vagueDescription: LintRule = {
  id: "vague-description",
  meaning: "a description that says no more than the name does",
  reason:
    "The description is all that a model has to choose by. Say what the command does, what it prints, and when another one is better.",
  check: eachCommand(({ draft, command }) => {
    const text = command.description.trim();
    const { name, title, program } = command;
    if (text === "" || !isVague(text, [name, title, program.kind === "argv" ? program.name : ""])) return [];
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
