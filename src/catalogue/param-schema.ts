import type { JsonSchema } from "../command/command.ts";
import { regexFault, validatorOf } from "../command/validator.ts";
import { type Draft, within } from "./draft.ts";

/** A parameter as it is written, its kinds checked by the schema. */
export interface RawParameter {
  readonly type?: string | readonly string[];
  readonly required?: boolean | readonly string[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[] | Readonly<Record<string, readonly unknown[]>>;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly items?: RawParameter | boolean;
  readonly within?: string | readonly string[];
  readonly exists?: "file" | "dir" | "any" | "absent";
  readonly flag?: string | readonly unknown[] | boolean;
  readonly join?: string;
  readonly as?: "file";
  readonly leading_dash?: "allow";
  readonly secret?: boolean;
  readonly positional?: boolean;
}

const OUR_WORDS = new Set([
  "required",
  "within",
  "exists",
  "flag",
  "join",
  "as",
  "leading_dash",
  "secret",
  "positional",
]);
const HOLDS_SCHEMA = new Set(["items", "contains", "additionalProperties", "propertyNames", "not"]);
const HOLDS_SCHEMAS = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const HOLDS_NAMED_SCHEMAS = new Set(["properties", "patternProperties"]);

/** The JSON Schema (2020-12) that the model sees: our words gone, `path` a string, every pattern anchored. */
export function cleanSchema(words: object): JsonSchema {
  const schema: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(words)) {
    if (key === "required" && Array.isArray(value)) schema["required"] = value;
    if (!OUR_WORDS.has(key)) schema[key] = cleanWord(key, value);
  }
  const marked = requiredProperties(words);
  if (marked.length > 0) schema["required"] = [...new Set([...[schema["required"] ?? []].flat(), ...marked])];
  return schema;
}

function cleanWord(key: string, value: unknown): unknown {
  if (key === "type") return value === "path" ? "string" : value;
  if (key === "pattern") return anchored(String(value));
  if (key === "enum" && !Array.isArray(value)) return Object.keys(value as object);
  if (HOLDS_SCHEMA.has(key))
    return key === "additionalProperties" && typeof value === "boolean" ? value : cleanNested(value);
  if (HOLDS_SCHEMAS.has(key)) return (value as readonly unknown[]).map(cleanNested);
  if (HOLDS_NAMED_SCHEMAS.has(key))
    return Object.fromEntries(Object.entries(value as object).map(([name, schema]) => [name, cleanNested(schema)]));
  return value;
}

function cleanNested(value: unknown): unknown {
  // The client of the SDK's first line takes no schema that is a boolean.
  if (typeof value === "boolean") return value ? {} : { not: {} };
  return typeof value === "object" && value !== null ? cleanSchema(value) : value;
}

function requiredProperties(words: object): readonly string[] {
  const properties = (words as { properties?: Readonly<Record<string, unknown>> }).properties ?? {};
  return Object.entries(properties).flatMap(([name, schema]) =>
    (schema as { required?: unknown }).required === true ? [name] : [],
  );
}

/** `pattern` must match the whole value; written so that a client that checks by itself comes to the same verdict. */
function anchored(pattern: string): string {
  return `^(?:${pattern})$`;
}

/** Reports patterns that RE2 does not take, bounds that exclude everything, and a default that does not fit. */
export function checkValue(draft: Draft, words: RawParameter, schema: JsonSchema): void {
  const patterns = patternsOf(schema);
  const faulty = patterns.filter((pattern) => {
    const fault = regexFault(pattern);
    if (fault === undefined) return false;
    const written = pattern.replace(/^\^\(\?:([\s\S]*)\)\$$/, "$1");
    draft.error(
      within(draft, { start: draft.node.start, end: draft.source.text.length }, written),
      "regex-unsupported",
      `the pattern is not one that RE2 takes: ${fault}`,
      "look-around and back-references are not possible in linear time",
    );
    return true;
  });
  for (const [low, high] of BOUNDS) {
    const [from, to] = [schema[low], schema[high]];
    if (typeof from === "number" && typeof to === "number" && from > to) {
      draft.error(draft.at(low), "schema-invalid", `no value fits: \`${low}\` is ${from} and \`${high}\` is ${to}`);
    }
  }
  if (faulty.length > 0 || words.default === undefined) return;
  for (const { path, text } of validatorOf(schema)(structuredClone(words.default))) {
    draft.error(
      draft.at("default"),
      "bad-default",
      `the default does not fit: ${[...path, text].join(" ")}`,
      "correct it, or the schema beside it",
    );
  }
}

const BOUNDS = [
  ["minimum", "maximum"],
  ["minLength", "maxLength"],
  ["minItems", "maxItems"],
  ["minProperties", "maxProperties"],
] as const;

function patternsOf(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = "pattern" in schema && typeof schema.pattern === "string" ? [schema.pattern] : [];
  const names = "patternProperties" in schema ? Object.keys(schema.patternProperties as object) : [];
  const deeper = Object.entries(schema).filter(
    ([key]) => HOLDS_SCHEMA.has(key) || HOLDS_SCHEMAS.has(key) || HOLDS_NAMED_SCHEMAS.has(key),
  );
  return [
    ...own,
    ...names,
    ...deeper.flatMap(([key, value]) =>
      HOLDS_SCHEMA.has(key) ? patternsOf(value) : Object.values(value as object).flatMap(patternsOf),
    ),
  ];
}

/** Whether no value of the parameter can begin with `-`, as far as its schema tells. */
export function neverLeadsWithDash(words: RawParameter): boolean {
  const one = words.type === "array" && typeof words.items === "object" ? words.items : words;
  if (one.type === "path" || one.type === "boolean") return true;
  if (one.type === "integer" || one.type === "number") return (one.minimum ?? one.exclusiveMinimum ?? -1) >= 0;
  if (one.enum !== undefined)
    return (Array.isArray(one.enum) ? one.enum : Object.keys(one.enum)).every(
      (value) => !String(value).startsWith("-"),
    );
  return one.pattern !== undefined && !one.pattern.includes("|") && SAFE_START.test(one.pattern);
}

/** A letter or digit, a class of such without a loose `-`, or a class that excludes it, that is not optional. */
const SAFE_START =
  /^\^?(?:[A-Za-z0-9/_]|\[(?:[A-Za-z0-9_]-[A-Za-z0-9_]|[A-Za-z0-9_./:@]|\\[dw])+\]|\[\^-[^\]\\]*\]|\\[dw])(?![*?{])/;
