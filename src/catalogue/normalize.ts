import { resolve } from "node:path";
import type { Command } from "../command/command.ts";
import { type Template, lonePlace, mentioned } from "../command/template.ts";
import { readConstraints } from "./constraints.ts";
import { type Defaults, readDefaults } from "./defaults.ts";
import { type Draft, type Setting, templateOf } from "./draft.ts";
import { checkArrayInText } from "./items.ts";
import { keyAt } from "./node.ts";
import { type Parameters, readParams } from "./params.ts";
import { readProgram } from "./program.ts";
import type { Report } from "./report.ts";
import { readTests } from "./tests.ts";

/** Reads one command, reports what is wrong with it, and fills every default in; null where it cannot be used. */
export async function readCommand(
  draft: Draft,
  before: Defaults,
  setting: Setting,
  report: Report,
): Promise<Command | null> {
  const shell = draft.get("shell");
  const params = readParams(draft, shell !== undefined && shell !== false, setting, report);
  const names = new Set([...params.declared, "workspace", "call_id"]);
  const defaults = readDefaults(draft, before, names);
  const program = readProgram(draft, params, names, setting);
  const stdin = readStdin(draft, params, names);
  const cwd = readCwd(draft, params, names, setting);
  const constraints = await readConstraints(draft, params);
  const name = draft.text("name");
  const effect = (draft.get("effect") as Command["effect"] | undefined) ?? "write";
  const description = draft.text("description");
  if (description.trim() === "")
    draft.warn(
      draft.at("name"),
      "missing-description",
      `"${name}" has no description, so a model must guess what it does`,
      "add `description:`",
    );
  if (setting.reserved.verbs.includes(name))
    draft.warn(
      draft.at("name"),
      "name-clash",
      `\`mcpfier ${name}\` is a command of mcpfier itself`,
      `on the command line, call it by \`mcpfier run ${name}\``,
    );
  if (!program) return null;
  const command: Command = {
    name,
    title: draft.text("title"),
    description,
    program,
    params: params.list,
    inputSchema: params.inputSchema,
    stdin,
    cwd,
    workspace: setting.workspace,
    ...defaults,
    okExitCodes: readExitCodes(draft.get("ok_exit_codes")),
    effect,
    idempotent: (draft.get("idempotent") as boolean | undefined) ?? effect === "read",
    openWorld: (draft.get("open_world") as boolean | undefined) ?? true,
    constraints,
    tests: readTests(draft, name, params),
  };
  warnUnused(draft, command);
  return command;
}

function readStdin(draft: Draft, params: Parameters, names: ReadonlySet<string>): Template | null {
  const node = draft.nodeOf("stdin");
  if (node?.kind !== "scalar") return null;
  const template = templateOf(draft, node, names);
  for (const name of mentioned(template)) checkArrayInText(draft, node, params, name);
  return template;
}

/** A constant folder, or one path parameter: other text could lead anywhere. */
function readCwd(draft: Draft, params: Parameters, names: ReadonlySet<string>, { workspace }: Setting): Template {
  const node = draft.nodeOf("cwd");
  if (node?.kind !== "scalar") return [workspace];
  const template = templateOf(draft, node, names);
  const name = lonePlace(template);
  if (mentioned(template).every((each) => each === "workspace"))
    return [resolve(workspace, template.map((part) => (typeof part === "string" ? part : workspace)).join(""))];
  const parameter = params.list.find((each) => each.name === name);
  if (!parameter?.path && !mentioned(template).some((each) => !names.has(each))) {
    draft.error(
      node,
      "cwd-placeholder",
      "the working directory is a constant folder or one parameter of `type: path`",
      "give the parameter `type: path`, and write only its placeholder",
    );
  }
  return template;
}

function readExitCodes(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return { 0: "" };
  return Array.isArray(value)
    ? Object.fromEntries(value.map((code) => [String(code), ""]))
    : (value as Record<string, string>);
}

function warnUnused(draft: Draft, command: Command): void {
  const used = usedNames(command);
  const { program } = command;
  const params = draft.node.entries.get("params")?.value ?? draft.node;
  for (const { name, flag, positional } of command.params) {
    if (flag || positional || used.has(name)) continue;
    if (program.kind === "shell" && program.script.includes(`arg_${name}`)) continue;
    const hint =
      program.kind === "shell"
        ? `use $arg_${name} in the script`
        : `write \`\${{ ${name} }}\` where it belongs, or give it a \`flag\``;
    draft.warn(
      keyAt(params, name),
      "unused-parameter",
      `nothing mentions the parameter "${name}", so its value is lost`,
      hint,
    );
  }
}

function usedNames({ program, cwd, stdin, env, constraints }: Command): ReadonlySet<string> {
  const items = program.kind === "argv" ? program.items : [];
  const elements = items.flatMap((item) =>
    item.kind === "group" ? item.elements : item.kind === "element" ? [item] : [],
  );
  const templates = [cwd, stdin ?? [], ...Object.values(env.set), ...elements.map((element) => element.template)];
  return new Set([...templates.flatMap(mentioned), ...constraints.flatMap((constraint) => constraint.mentions)]);
}
