import { type LintRule, eachCommand } from "./rule.ts";

export const destructiveUnconfirmed: LintRule = {
  id: "destructive-unconfirmed",
  meaning: "`effect: destructive` without `confirm`",
  reason: "`confirm` has the user see what would run, and accept it, before anything is gone.",
  check: eachCommand(({ draft, command }) =>
    command.effect === "destructive" && command.confirm === null
      ? [
          {
            range: draft.at("effect"),
            message: `"${command.name}" destroys something, and asks nobody`,
            hint: "add `confirm:` with the question, such as `Delete ${{ name }}?`",
          },
        ]
      : [],
  ),
};
