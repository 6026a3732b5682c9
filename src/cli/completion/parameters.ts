import type { Command } from "../../command/command.ts";
import { type Candidate, NOTHING, type Offer, offerValues } from "./candidate.ts";

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly description?: string;
}

/** The parameters of a command as options; those that stand there already are left out, but for arrays. */
export function parameterCandidates(command: Command, before: readonly string[]): readonly Candidate[] {
  const given = new Set(before.map((word) => word.replace(/=.*/s, "")));
  return schemasOf(command).flatMap(([name, schema]) => {
    const value = optionOf(name);
    const isArray = [schema.type].flat().includes("array");
    return given.has(value) && !isArray ? [] : [{ value, meaning: schema.description ?? "" }];
  });
}

/** What may stand behind `--name`; undefined when that takes no value, or is none of the command's parameters. */
export function parameterValues(command: Command, option: string): Offer | undefined {
  const [name, schema] = schemasOf(command).find(([each]) => optionOf(each) === option.replaceAll("_", "-")) ?? [];
  if (name === undefined || schema === undefined) return undefined;
  const one = [schema.type].flat().includes("array") ? (schema.items ?? schema) : schema;
  const values = one.enum ?? (one.const === undefined ? undefined : [one.const]);
  if (values) return offerValues(values);
  const path = command.params.find((each) => each.name === name)?.path;
  if (path) return { candidates: [], own: path.exists === "dir" ? "folders" : "files" };
  return NOTHING;
}

/** Whether `--name` stands alone. */
export function isSwitch(command: Command, option: string): boolean {
  return schemasOf(command).some(([name, { type }]) => optionOf(name) === option && type === "boolean");
}

function schemasOf({ inputSchema }: Command): readonly (readonly [name: string, schema: Schema])[] {
  return Object.entries((inputSchema["properties"] ?? {}) as Readonly<Record<string, Schema>>);
}

function optionOf(name: string): string {
  return `--${name.replaceAll("_", "-")}`;
}
