import { didYouMean } from "../base/nearest.ts";
import { type Complaint, refuse, refuseAll } from "../base/refusal.ts";
import type { Command } from "../command/command.ts";

type Schema = { readonly type?: string | readonly string[]; readonly items?: Schema };

/**
 * The arguments that `--name value` words stand for, typed by the command's schema: `--name` and `--no-name` for booleans, an
 * array by repetition, objects as JSON; `json` is what `--args` gave, and single words win over it. Dashes and underscores in
 * names are alike.
 */
export function parseToolArguments(
  command: Command,
  words: readonly string[],
  json: string | undefined,
): Record<string, unknown> {
  const args = json === undefined ? {} : parseObject(json);
  const properties = (command.inputSchema["properties"] ?? {}) as Properties;
  const given = new Map<string, string[]>();
  const complaints: Complaint[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const option = readOption(word, rest, properties);
    if ("text" in option) complaints.push({ code: "arguments.invalid", text: `${command.name}: ${option.text}` });
    else given.set(option.name, [...(given.get(option.name) ?? []), option.value]);
  }
  refuseAll(complaints);
  for (const [name, texts] of given) args[name] = typed(properties[name] ?? {}, texts);
  return args;
}

type Properties = Readonly<Record<string, Schema>>;

/** One option with its value, which may be the next of the remaining words; or what is wrong with it. */
function readOption(
  word: string,
  rest: string[],
  properties: Properties,
): { name: string; value: string } | { text: string } {
  const [, option, attached] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word) ?? [];
  if (option === undefined) return { text: `"${word}" stands alone; values are given as \`--name value\`` };
  const isNext = rest[0] !== undefined && !rest[0].startsWith("--");
  const name = find(option, properties);
  if (name === undefined) {
    const negated = option.startsWith("no-") ? find(option.slice(3), properties) : undefined;
    if (negated !== undefined && has(properties[negated], "boolean")) return { name: negated, value: "false" };
    // Its value, if it has one, is no mistake of its own.
    if (attached === undefined && isNext) rest.shift();
    return { text: `--${option} is not a parameter; ${knownNames(option, properties)}` };
  }
  if (attached !== undefined) return { name, value: attached };
  if (has(properties[name], "boolean") && rest[0] !== "true" && rest[0] !== "false") return { name, value: "true" };
  const value = rest.shift();
  return value === undefined ? { text: `--${option} needs a value` } : { name, value };
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw refuse("arguments.invalid", `--args is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw refuse("arguments.invalid", `--args is a JSON object, such as '{"name": "value"}', came ${json}`);
}

function find(option: string, properties: Properties): string | undefined {
  const name = option.replaceAll("-", "_");
  return Object.keys(properties).find((each) => each === option || each === name);
}

function knownNames(option: string, properties: Properties): string {
  const options = Object.keys(properties).map((name) => `--${name}`);
  return didYouMean(`--${option}`, options) || (options.length === 0 ? "it has none" : `it has ${options.join(", ")}`);
}

function has(schema: Schema | undefined, type: string): boolean {
  return [schema?.type ?? []].flat().includes(type);
}

/** A text that is not of the type stays text: the schema's own check says what is wrong with it. */
function typed(schema: Schema, texts: readonly string[]): unknown {
  if (has(schema, "array")) return texts.map((text) => scalar(schema.items ?? {}, text));
  return texts.length === 1 ? scalar(schema, texts[0] ?? "") : texts.map((text) => scalar(schema, text));
}

function scalar(schema: Schema, text: string): unknown {
  if (has(schema, "string")) return text;
  if ((has(schema, "integer") || has(schema, "number")) && text.trim() !== "" && Number.isFinite(Number(text)))
    return Number(text);
  if (has(schema, "boolean") && (text === "true" || text === "false")) return text === "true";
  if (schema.type !== undefined && !has(schema, "object") && !has(schema, "array")) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
