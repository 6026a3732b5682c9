import type { Command } from "../command/command.ts";

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
}

/** What `mcpfier <command> --help` prints: the command's description and its parameters as options. */
export function usageOf({ name, description, ask, inputSchema }: Command): string {
  const properties = Object.entries((inputSchema["properties"] ?? {}) as Readonly<Record<string, Schema>>);
  const required = (inputSchema["required"] ?? []) as readonly string[];
  const rows = properties.map(([key, schema]) => [
    `--${key.replaceAll("_", "-")} <${typeName(schema)}>`,
    [
      schema.description ?? "",
      ask.some((field) => field.name === key) ? "(asked for)" : required.includes(key) ? "(required)" : "",
      schema.enum ? `(one of ${schema.enum.map((value) => String(value)).join(", ")})` : "",
      schema.default === undefined ? "" : `(default ${JSON.stringify(schema.default)})`,
    ]
      .filter((text) => text !== "")
      .join(" "),
  ]);
  const width = Math.max(0, ...rows.map(([option = ""]) => option.length));
  const options = rows.map(([option = "", text = ""]) => `  ${option.padEnd(width)}  ${text}\n`).join("");
  return `Usage: mcpfier run ${name} [--name value ...] [--args '{...}'] [--json] [--dry-run] [--yes]\n\n${description}\n\n${options}`;
}

function typeName(schema: Schema): string {
  return [schema.type ?? "value"].flat().join("|");
}
