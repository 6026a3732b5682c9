import { resolve } from "node:path";
import { didYouMean } from "../base/nearest.ts";
import type { Constraint } from "../command/command.ts";
import type { Draft, Setting } from "./draft.ts";
import type { Parameters } from "./params.ts";

/** Reads `constraints`; what is no condition over the parameters is reported. */
export async function readConstraints(draft: Draft, params: Parameters): Promise<readonly Constraint[]> {
  const node = draft.nodeOf("constraints");
  if (node?.kind !== "sequence") return [];
  const { parseCondition } = await import("../base/condition.ts");
  return node.items.flatMap((item) => {
    const check = item.kind === "mapping" ? item.entries.get("check")?.value : undefined;
    const message = item.kind === "mapping" ? item.entries.get("message")?.value : undefined;
    if (check?.kind !== "scalar" || message?.kind !== "scalar") return [];
    const condition = parseCondition(String(check.value));
    if (typeof condition === "string") {
      draft.error(check, "condition", `not a CEL condition: ${condition}`, "the parameters are its variables");
      return [];
    }
    for (const name of condition.mentions.filter((each) => !params.declared.has(each))) {
      draft.error(
        check,
        "unknown-parameter",
        `"${name}" is not a parameter of this command`,
        didYouMean(name, params.declared),
      );
    }
    return [{ check: String(check.value), message: String(message.value), mentions: condition.mentions }];
  });
}

/** Whether a command exists at all here: its `when` holds, or it has none. */
export async function isWanted(draft: Draft, setting: Setting): Promise<boolean> {
  const node = draft.nodeOf("when");
  if (node?.kind !== "scalar") return true;
  const { parseCondition } = await import("../base/condition.ts");
  const { world, workspace, path } = setting;
  const { platform, arch } = world.host;
  const condition = parseCondition(String(node.value), {
    program: (name) => "path" in world.program(name, path),
    env: (name) => world.env(name) ?? "",
    file: (name) => world.kind(resolve(workspace, name)) !== "nothing",
  });
  const hint = 'write for example `program("rg")`, `env("CI") == ""`, `file("go.mod")`, `os == "linux"`';
  if (typeof condition === "string")
    return draft.error(node, "condition", `not a CEL condition: ${condition}`, hint) ?? true;
  const result = condition.evaluate({ os: platform === "darwin" ? "macos" : platform, arch });
  if (typeof result === "string")
    return draft.error(node, "condition", `the condition has no value: ${result}`, hint) ?? true;
  return result;
}
