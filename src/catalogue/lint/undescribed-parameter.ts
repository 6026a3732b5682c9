import { keyAt } from "../node.ts";
import { type LintRule, eachCommand } from "./rule.ts";

interface Schema {
  readonly type?: unknown;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly description?: string;
}

export const undescribedParameter: LintRule = {
  id: "undescribed-parameter",
  meaning: "a parameter without a description, but for booleans and lists of choices",
  reason: "A model guesses units, forms and what may be left out. A boolean and an `enum` mostly say what they are.",
  check: eachCommand(({ draft, command }) => {
    const params = draft.nodeOf("params");
    if (!params) return [];
    const properties = Object.entries(command.inputSchema["properties"] as Readonly<Record<string, Schema>>);
    return properties
      .filter(([, schema]) => isUnsaid(schema))
      .map(([name]) => ({
        range: keyAt(params, name),
        message: `the parameter "${name}" has no description`,
        hint: "say what it is, and in which form or unit",
      }));
  }),
};

function isUnsaid(schema: Schema): boolean {
  if ((schema.description ?? "").trim() !== "") return false;
  return schema.type !== "boolean" && schema.enum === undefined && schema.const === undefined;
}
