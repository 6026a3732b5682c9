import { soundsSecret } from "../../base/telling.ts";
import { valueAt, keyAt } from "../node.ts";
import { type LintRule, eachCommand } from "./rule.ts";

export const unmarkedSecret: LintRule = {
  id: "unmarked-secret",
  meaning: "a parameter that is called a password, token or key, without `secret: true`",
  reason: "Only what is marked is left out of logs, records, dry runs and the model's own output.",
  check: eachCommand(({ draft, command }) => {
    const params = draft.nodeOf("params");
    if (!params) return [];
    return command.params
      .filter(({ name, secret, path }) => !secret && !path && soundsSecret(name))
      .filter(({ name }) => valueAt(params, name, "type") === "string" && valueAt(params, name, "enum") === undefined)
      .map(({ name }) => ({
        range: keyAt(params, name),
        message: `"${name}" looks like a secret, and would be logged`,
        hint: "add `secret: true`",
      }));
  }),
};
