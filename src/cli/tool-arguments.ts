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
  const given = new Map<string, string[]>();
  const properties = (command.inputSchema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  const complaints: Complaint[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const match = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word);
    const option = match?.[1];
    if (option === undefined) {
      complaints.push(complaint(`"${word}" stands alone; values are given as \`--name value\``));
      continue;
    }
    const name = find(option, properties);
    const negated = name === undefined && option.startsWith("no-") ? find(option.slice(3), properties) : undefined;
    if (negated !== undefined && has(properties[negated], "boolean")) given.set(negated, ["false"]);
    else if (name === undefined)
      complaints.push(
        complaint(`--${option} is not a parameter of "${command.name}"; ${knownNames(option, properties)}`),
      );
    else if (match?.[2] !== undefined) push(given, name, match[2]);
    else if (has(properties[name], "boolean") && !/^(?:true|false)$/.test(words[at + 1] ?? ""))
      push(given, name, "true");
    else if (at + 1 < words.length) push(given, name, words[++at] ?? "");
    else complaints.push(complaint(`--${option} needs a value`));
  }
  refuseAll(complaints);
  for (const [name, texts] of given) args[name] = typed(properties[name] ?? {}, texts);
  return args;
}

function complaint(text: string): Complaint {
  return { code: "arguments.invalid", text };
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

function find(option: string, properties: Readonly<Record<string, Schema>>): string | undefined {
  const name = option.replaceAll("-", "_");
  return Object.keys(properties).find((each) => each === option || each === name);
}

function knownNames(option: string, properties: Readonly<Record<string, Schema>>): string {
  const options = Object.keys(properties).map((name) => `--${name}`);
  return didYouMean(`--${option}`, options) || (options.length === 0 ? "it has none" : `it has ${options.join(", ")}`);
}

function push(given: Map<string, string[]>, name: string, text: string): void {
  given.set(name, [...(given.get(name) ?? []), text]);
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
