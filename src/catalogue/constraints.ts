import { resolve } from "node:path";
import { didYouMean } from "../base/nearest.ts";
import type { Condition } from "../base/condition.ts";
import type { Constraint } from "../command/command.ts";
import type { Draft, Setting } from "./draft.ts";
import type { ScalarNode } from "./node.ts";
import { type Parameters, typesOf } from "./params.ts";

/** Reads `constraints`; what is no condition over the parameters is reported. */
export async function readConstraints(draft: Draft, params: Parameters): Promise<Constraints> {
  const node = draft.nodeOf("constraints");
  if (node?.kind !== "sequence" || node.items.length === 0) return { list: [], names: [] };
  const { parseCondition } = await import("../base/condition.ts");
  const list: Constraint[] = [];
  const names: string[] = [];
  for (const item of node.items) {
    const part = item.kind === "mapping" ? draft.inside(item) : undefined;
    const check = part?.nodeOf("check");
    if (part?.get("check") === undefined || check?.kind !== "scalar") continue;
    const condition = parseCondition(String(check.value));
    const hint = "the parameters are its variables";
    if (typeof condition === "string") {
      draft.error(check, "condition", `not a CEL condition: ${condition}`, hint);
      continue;
    }
    const { mentions, asks } = condition;
    names.push(...mentions, ...asks);
    checkNames(draft, check, new Set([...mentions, ...asks]), params);
    const fault = condition.fault() || kindFault(condition, params);
    if (fault !== "") draft.error(check, "condition", `the condition has no value: ${fault}`, hint);
    list.push({ check: String(check.value), message: part.text("message"), mentions });
  }
  return { list, names };
}

interface Constraints {
  readonly list: readonly Constraint[];
  /** All parameters that they name, those too that they only ask for. */
  readonly names: readonly string[];
}

function checkNames(draft: Draft, check: ScalarNode, names: ReadonlySet<string>, params: Parameters): void {
  for (const name of names) {
    if (params.declared.has(name) || params.isOpen) continue;
    const message = `"${name}" is not a parameter of this command`;
    draft.error(check, "unknown-parameter", message, didYouMean(name, params.declared));
  }
}

const SAMPLES: Readonly<Record<string, unknown>> = { string: "a", path: "/a", boolean: true, array: [], object: {} };
const NEVER = /^(?:found no matching overload|error parsing regexp|its value is neither)/;

/** Why values of the declared kinds can never meet it, such as `word > 1` of a text; empty when they may. */
function kindFault({ mentions, asks, evaluate }: Condition, params: Parameters): string {
  const faults = [1, 1.5].map((number) => {
    const samples: Readonly<Record<string, unknown>> = { ...SAMPLES, integer: 1, number };
    const given: Record<string, unknown> = {};
    for (const name of [...asks, ...mentions]) {
      const [type = "", ...more] = typesOf(params.raw.get(name) ?? {});
      if (more.length > 0 || !Object.hasOwn(samples, type)) return "";
      given[name] = samples[type];
    }
    const result = evaluate({ ...given, params: given });
    return typeof result === "string" && NEVER.test(result) ? result : "";
  });
  return faults.every((fault) => fault !== "") ? (faults[0] ?? "") : "";
}

/** Whether a command exists at all here: its `when` holds, or it has none. */
export async function isWanted(draft: Draft, setting: Setting): Promise<boolean> {
  const node = draft.nodeOf("when");
  if (node?.kind !== "scalar" || draft.get("when") === undefined) return true;
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
