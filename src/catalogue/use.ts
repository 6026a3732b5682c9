import { didYouMean } from "../base/nearest.ts";
import type { Command, JsonSchema, Parameter } from "../command/command.ts";
import { fillText } from "../command/fill.ts";
import { mentioned } from "../command/template.ts";
import type { Use, UseArgument } from "../command/use.ts";
import { validatorOf } from "../command/validator.ts";
import type { Draft } from "./draft.ts";
import type { Absent } from "./needs.ts";
import { type MappingNode, type Node, type ScalarNode, toValue } from "./node.ts";
import { type Reader, templateOf } from "./places.ts";

/** The commands of a catalogue, for what uses them. */
export interface Known extends Absent {
  readonly commands: readonly Command[];
}

/** Reads `command` and `args`, and reports a command that cannot be used so; null: it is not used, or not as it is written. */
export function readUse(reader: Reader, known: Known): Use | null {
  const { draft } = reader;
  const at = draft.nodeOf("command");
  const args = draft.nodeOf("args");
  return at?.kind === "scalar" ? useOf(reader, known, { at, args: args?.kind === "mapping" ? args : null }) : null;
}

interface Written {
  /** The command's name. */
  readonly at: ScalarNode;
  readonly args: MappingNode | null;
}

/** The use of the command that a text names. */
export function useOf(reader: Reader, known: Known, { at, args: node }: Written): Use | null {
  const { draft } = reader;
  const name = String(at.value);
  const args = node ? readArgs(reader, node) : {};
  const command = findRead(reader, known, at);
  if (!command) return null;
  const properties = command.inputSchema["properties"] as Readonly<Record<string, JsonSchema>>;
  for (const [arg, entry] of node?.entries ?? []) {
    const schema = Object.hasOwn(properties, arg) ? properties[arg] : undefined;
    const argument = args[arg];
    if (schema && argument) checkConstant(draft, entry.value, schema, argument);
    if (schema) continue;
    const hint = didYouMean(arg, Object.keys(properties));
    draft.error(entry.key, "command-use", `"${arg}" is not a parameter of the command "${name}"`, hint);
  }
  const missing = command.params.filter(
    (parameter) => isWanted(command, parameter) && !Object.hasOwn(args, parameter.name),
  );
  if (missing.length > 0) {
    const names = missing.map((parameter) => `"${parameter.name}"`).join(", ");
    draft.error(at, "command-use", `the command "${name}" requires ${names}`, "give it under `args`");
  }
  return { command: name, args };
}

/** Nobody is asked where a command is used. */
function isWanted({ ask }: Command, { name, required }: Parameter): boolean {
  return required || ask.some((field) => field.name === name);
}

/** What comes from arguments is checked when it comes. */
function checkConstant(draft: Draft, node: Node, schema: JsonSchema, argument: UseArgument): void {
  if (argument.kind === "list") return;
  const value = argument.kind === "value" ? argument.value : fillText(argument.template, new Map());
  if (value === undefined) return;
  const [problem] = validatorOf(schema)(structuredClone(value));
  if (!problem) return;
  const text = [...problem.path, problem.text].join(" ");
  draft.error(node, "command-use", `the command does not take this: ${text}`, "correct it");
}

/** The arguments that it mentions. */
export function namesOfUse({ args }: Use): readonly string[] {
  return Object.values(args).flatMap((argument) => {
    if (argument.kind === "value") return [];
    return argument.kind === "text" ? mentioned(argument.template) : argument.items.flatMap(mentioned);
  });
}

/** The command of a name, where it may be called without anybody asking for it: it only reads. */
function findRead({ draft }: Reader, { commands, unwanted, broken }: Known, node: ScalarNode): Command | null {
  const name = String(node.value);
  const command = commands.find((each) => each.name === name);
  if (!command) {
    if (broken.has(name)) return null;
    const isUnwanted = unwanted.has(name);
    const message = isUnwanted
      ? `"${name}" does not exist on this machine, because of its \`when\``
      : `there is no command "${name}"`;
    const others = commands.map((each) => each.name);
    return draft.error(node, "command-use", message, isUnwanted ? "" : didYouMean(name, others));
  }
  if (command.effect === "read") return command;
  const hint = "set its `effect: read` if that is so";
  return draft.error(node, "command-use", `the command "${name}" may change something, and this only reads`, hint);
}

function readArgs(reader: Reader, node: MappingNode): Use["args"] {
  const entries = [...node.entries].filter(([, { value }]) => !reader.draft.isBroken(value));
  return Object.fromEntries(entries.map(([name, { value }]) => [name, readArgument(reader, value)]));
}

function readArgument(reader: Reader, node: Node): UseArgument {
  if (node.kind === "scalar" && typeof node.value === "string")
    return { kind: "text", template: templateOf(reader, node) };
  if (node.kind !== "sequence") return { kind: "value", value: toValue(node) };
  const items = node.items.filter((item) => item.kind === "scalar");
  if (items.some((item) => typeof item.value === "string"))
    return { kind: "list", items: items.map((item) => templateOf(reader, item)) };
  return { kind: "value", value: toValue(node) };
}
