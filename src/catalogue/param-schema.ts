import type { JsonSchema } from "../command/command.ts";
import { seenText } from "../base/visible.ts";
import { validatorOf } from "../command/validator.ts";
import type { Draft } from "./draft.ts";
import { type MappingNode, child } from "./node.ts";
import {
  HOLDS_NAMED_SCHEMAS,
  HOLDS_SCHEMA,
  HOLDS_SCHEMAS,
  OUR_WORDS,
  anchored,
  checkSchemaWords,
  isTold,
  schemasIn,
} from "./schema-words.ts";

/** A parameter as it is written, its kinds checked by the schema. */
export interface RawParameter {
  readonly type?: string | readonly string[];
  readonly required?: boolean | readonly string[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[] | Readonly<Record<string, readonly unknown[]>>;
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
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
  readonly complete?: string;
}

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
  if (isTold(key)) return typeof value === "string" ? seenText(value) : value;
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

/** Reports what no value could be checked against, paths where none is checked, and a default that does not fit. */
export function checkValue(draft: Draft, words: RawParameter, schema: JsonSchema): void {
  const isSound = checkSchemaWords(draft, draft.node);
  const items = child(draft.node, "items");
  const isList = words.type === "array" && items?.kind === "mapping";
  for (const each of schemasIn(draft.node)) {
    if (!isList || each !== items) checkNoPath(draft, each);
    else schemasIn(each).forEach((inner) => checkNoPath(draft, inner));
  }
  if (!isSound || words.default === undefined) return;
  for (const { path, text } of validatorOf(schema)(structuredClone(words.default))) {
    draft.error(
      draft.at("default"),
      "bad-default",
      `the default does not fit: ${[...path, text].join(" ")}`,
      "correct it, or the schema beside it",
    );
  }
}

/** A path that is not a whole parameter, or an item of one, would reach the program unchecked. */
function checkNoPath(draft: Draft, schema: MappingNode): void {
  const type = child(schema, "type");
  if (type?.kind === "scalar" && type.value === "path") {
    draft.error(
      type,
      "path-place",
      "no path is checked here: `type: path` is for a parameter, or for the items of an array",
      "use `type: string`, or make it a parameter of its own",
    );
  }
  for (const each of schemasIn(schema)) checkNoPath(draft, each);
}
