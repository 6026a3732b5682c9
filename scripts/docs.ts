// Writes the parts of the documents that the schema and the code decide: keys and rules, codes of refusals. `npm run docs`.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dump } from "js-yaml";
import { RULES } from "../src/base/problem.ts";
import { REFUSALS } from "../src/base/refusal.ts";
import { lintRules } from "../src/catalogue/lint/registry.ts";
import { OUR_WORDS } from "../src/catalogue/schema-words.ts";
import { commandLine } from "./command-line.ts";
import { MAN, manPage } from "./man.ts";
import catalogueSchema from "../schemas/mcpfier.schema.json" with { type: "json" };

/** The pages, one a subject. */
export const DOCS = join(import.meta.dirname, "../docs");

interface Schema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly $ref?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly "x-unsupported"?: string;
  readonly "x-legacy"?: string;
}

const { properties: topLevel, definitions } = catalogueSchema as unknown as Schema & {
  readonly definitions: Readonly<Record<string, Schema>>;
};

/** What the tables call a definition that has one value. */
const VALUES: Readonly<Record<string, string>> = {
  duration: "duration",
  size: "size",
  env: "map",
  env_defaults: "map",
  output: "map",
  limits: "map",
  retry: "map",
  cache: "map",
  records: "map",
  analytics: "map",
  defaults: "map",
  schema: "schema",
  parameter: "parameter",
  command: "command",
  resource: "resource",
  prompt: "prompt",
  icon: "icon",
  message: "message",
  argument: "argument",
  test: "test",
};

/** Words of a parameter that JSON Schema does not have, or reads otherwise. */
const OURS = new Set([...OUR_WORDS, "type", "enum", "pattern"]);

/** The part of a page that is written here, by the page; it stands between `<!-- generated -->` and `<!-- /generated -->`. */
const PARTS: Readonly<Record<string, () => string>> = {
  "keys.md": keyReference,
  "rules.md": ruleTable,
  "lint.md": lintTable,
  "outcomes.md": refusalTable,
  "command-line.md": commandLine,
};
export const GENERATED = Object.keys(PARTS);

/** A page of `GENERATED` as the schema and the code have it now. */
export function regenerated(name: string): string {
  const page = readFileSync(join(DOCS, name), "utf8");
  const [open, close] = ["<!-- generated -->", "<!-- /generated -->"];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`docs/${name} has no part between ${open} and ${close}`);
  return `${page.slice(0, start + open.length)}\n\n${PARTS[name]?.() ?? ""}\n${page.slice(end)}`;
}

function lintTable(): string {
  const rows = lintRules.map(({ id, meaning, reason }) => `| \`${id}\` | ${meaning} | ${reason} |`);
  return `| rule | finds | why, and what to do |\n|---|---|---|\n${rows.join("\n")}\n`;
}

function refusalTable(): string {
  const rows = Object.entries(REFUSALS).map(([name, [exit, meaning]]) => `| \`${name}\` | ${meaning} | ${exit} |`);
  return `| refused with | means | exit code |\n|---|---|---|\n${rows.join("\n")}\n`;
}

function keyReference(): string {
  const parameter = propertiesOf("parameter");
  const ours = (wanted: boolean): Readonly<Record<string, Schema>> =>
    Object.fromEntries(Object.entries(parameter).filter(([name]) => OURS.has(name) === wanted));
  return [
    section("Top level", topLevel ?? {}),
    section("`defaults`", propertiesOf("defaults")),
    section("A command", propertiesOf("command")),
    section("A parameter: mcpfier's own words", ours(true)),
    section("A parameter: words of JSON Schema", ours(false)),
    section("`env`", propertiesOf("env_defaults"), "Every other key is the name of a variable, and its value a text."),
    section("`output`", propertiesOf("output")),
    section("`limits`", propertiesOf("limits")),
    section(
      "`container`",
      propertiesOf("container"),
      "The name of an image alone is short for `{ image: NAME }`; `false` is no container.",
    ),
    section("`webhook`", propertiesOf("webhook")),
    section("`auth` of a `webhook`", propertiesOf("webhook_auth")),
    section("`retry` of a `webhook`", propertiesOf("webhook_retry")),
    section("`pagination` of a `webhook`", propertiesOf("webhook_pagination")),
    section("`retry`", propertiesOf("retry")),
    section("`cache`", propertiesOf("cache")),
    section("`records`", propertiesOf("records")),
    section("`analytics`", propertiesOf("analytics")),
    section("`constraints`, each", propertiesOf("command")["constraints"]?.items?.properties ?? {}),
    section("A resource", propertiesOf("resource")),
    section("A prompt", propertiesOf("prompt")),
    section("`messages` of a prompt, each", propertiesOf("message")),
    section("`params` of a resource or prompt, each", propertiesOf("argument")),
    section("`complete` of an argument", propertiesOf("argument")["complete"]?.properties ?? {}),
    section("`icons`, each", propertiesOf("icon"), "A text alone is short for `{ src: TEXT }`."),
    section("`tests`, each", propertiesOf("test")),
    section("`request` of a test", propertiesOf("test")["request"]?.properties ?? {}),
  ].join("\n");
}

function propertiesOf(definition: string): Readonly<Record<string, Schema>> {
  return definitions[definition]?.properties ?? {};
}

function section(title: string, properties: Readonly<Record<string, Schema>>, note = ""): string {
  const rows = Object.entries(properties).map(([name, schema]) => row(name, schema));
  const head = "| key | type | default | meaning | example |\n|---|---|---|---|---|";
  return `## ${title}\n\n${note === "" ? "" : `${note}\n\n`}${head}\n${rows.join("\n")}\n`;
}

function row(name: string, schema: Schema): string {
  const reserved = schema["x-unsupported"] === undefined ? "" : "*Reserved, not supported yet.* ";
  const [example] = schema.examples ?? [];
  const cells = [
    `\`${name}\``,
    typeOf(schema),
    schema.default === undefined ? "" : code(schema.default),
    `${reserved}${schema.description ?? ""}`,
    example === undefined ? "" : code(example),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
}

function typeOf(schema: Schema): string {
  const definition = (schema.$ref ?? schema.allOf?.[0]?.$ref)?.split("/").at(-1);
  if (definition !== undefined) return VALUES[definition] ?? kindsOf(definitions[definition] ?? {});
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(" or ");
  return kindsOf(schema);
}

function kindsOf(schema: Schema): string {
  const names: Readonly<Record<string, string>> = {
    string: "text",
    integer: "whole number",
    object: "map",
    array: "list",
    boolean: "true or false",
  };
  const kinds = [schema.type ?? []].flat().map((type) => {
    if (type !== "array" || !schema.items) return names[type] ?? type;
    const items = typeOf(schema.items);
    return items === "" || items.includes(" or ") ? "list" : `list of ${items}`;
  });
  return kinds.length === 0 ? "anything" : kinds.join(" or ");
}

/** A value as YAML on one line. */
function code(value: unknown): string {
  const text = dump(value, { flowLevel: 0, lineWidth: -1 }).trim();
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function ruleTable(): string {
  const rows = Object.entries(RULES).map(([rule, meaning]) => {
    const isWarning = meaning.endsWith(" (warning)");
    return `| \`${rule}\` | ${isWarning ? "warning" : "error"} | ${meaning.replace(/ \(warning\)$/, "").replaceAll("|", String.raw`\|`)} |`;
  });
  return `| rule | kind | what it stands for |\n|---|---|---|\n${rows.join("\n")}\n`;
}

if (import.meta.main) {
  for (const name of GENERATED) writeFileSync(join(DOCS, name), regenerated(name));
  writeFileSync(MAN, manPage());
}
