import type { Command } from "../command/command.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Arguments to show a command with: those of its first test that is not about a refusal, else made from its schema. */
export function sampleArguments(command: Command): Readonly<Record<string, unknown>> {
  const test = command.tests.find((each) => each.refused === null);
  if (test) return test.args;
  const properties = Object.entries((command.inputSchema["properties"] ?? {}) as Readonly<Record<string, Schema>>);
  const required = (command.inputSchema["required"] ?? []) as readonly string[];
  return Object.fromEntries(
    properties
      .filter(([name, schema]) => required.includes(name) || schema["examples"] !== undefined)
      .map(([name, schema]) => [name, sample(name, schema)]),
  );
}

function sample(name: string, schema: Schema): unknown {
  const [first] = [
    ...list(schema["examples"]),
    ...("default" in schema ? [schema["default"]] : []),
    ...("const" in schema ? [schema["const"]] : []),
    ...list(schema["enum"]),
  ];
  if (first !== undefined) return first;
  const type = list(schema["type"])[0] ?? schema["type"];
  if (type === "boolean") return true;
  if (type === "integer" || type === "number") return number(schema);
  if (type === "array") return [sample(name, (schema["items"] ?? { type: "string" }) as Schema)];
  if (type === "object") return {};
  return name.padEnd(Number(schema["minLength"] ?? 0), "x").slice(0, Number(schema["maxLength"] ?? name.length + 1));
}

function number(schema: Schema): number {
  if (typeof schema["minimum"] === "number") return schema["minimum"];
  if (typeof schema["exclusiveMinimum"] === "number") return schema["exclusiveMinimum"] + 1;
  return typeof schema["maximum"] === "number" ? schema["maximum"] : 1;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
