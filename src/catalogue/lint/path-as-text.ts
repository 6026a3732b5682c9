import { soundsLikePath } from "../../base/telling.ts";
import { keyAt, valueAt } from "../node.ts";
import { type LintRule, eachCommand } from "./rule.ts";

export const pathAsText: LintRule = {
  id: "path-as-text",
  meaning: "a parameter that is called a path, file or folder and is plain text, without a `pattern`",
  reason: "`type: path` keeps it inside the workspace, links followed; text may be `../../.ssh/id_rsa`.",
  check: eachCommand(({ draft, command }) => {
    const params = draft.nodeOf("params");
    // What a container does not see, it cannot read.
    if (!params || command.container || command.webhook) return [];
    return command.params
      .filter(({ name, path, asFile }) => !path && !asFile && soundsLikePath(name))
      .filter(({ name }) => isAnyText(valueAt(params, name)) || isAnyText(valueAt(params, name, "items")))
      .map(({ name }) => ({
        range: keyAt(params, name),
        message: `"${name}" looks like a path, and may lead anywhere`,
        hint: "write `type: path`, or a `pattern` for what it is",
      }));
  }),
};

function isAnyText(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  return (
    "type" in schema &&
    schema.type === "string" &&
    !["pattern", "enum", "const", "format"].some((word) => word in schema)
  );
}
