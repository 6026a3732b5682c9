import type { AnySchemaObject, ErrorObject } from "ajv";
import { didYouMean, nearest } from "../base/nearest.ts";
import type { Faults } from "./faults.ts";
import type { Report } from "./report.ts";
import { reportReserved } from "./reserved.ts";
import type { Range, Source } from "./source.ts";
import { validateFile } from "./validate-file.ts";
import { type Node, keyAt, nodeAt, toValue, valueAt } from "./node.ts";

/** A path of keys and indices into a catalogue file. */
type Path = readonly (string | number)[];

/** Checks one file's nodes against the schema, reports every problem, and tells which nodes it concerns. */
export function checkSchema(source: Source, root: Node, report: Report): Faults {
  reportReserved(source, root, report);
  const broken = new Set<Node>();
  const meant = new Map<Node, readonly string[]>();
  if (validateFile(toValue(root))) return { broken, meant };
  for (const error of validateFile.errors ?? []) {
    const finding = describe(error, root);
    const node = nodeAt(root, pathOf(error));
    if (!finding || (node.kind === "scalar" && node.isFaulty)) continue;
    const { rule, message, hint, range } = finding;
    report.error(source, range, rule, message, hint);
    const key = String(error.params["additionalProperty"]);
    if (rule === "unknown-key") meant.set(node, [...(meant.get(node) ?? []), ...nearest(key, keysOf(error))]);
    else if (error.keyword === "propertyNames") broken.add(nodeAt(node, [String(error.params["propertyName"])]));
    else if (rule !== "missing-key") broken.add(node);
  }
  return { broken, meant };
}

interface Finding {
  readonly rule: "unknown-key" | "missing-key" | "wrong-type" | "bad-value";
  readonly message: string;
  readonly hint: string;
  readonly range: Range;
}

type Describe = (
  error: ErrorObject,
  path: Path,
  root: Node,
) => Omit<Finding, "range"> & Partial<Pick<Finding, "range">>;

/** What to say of an error of the validator; undefined where another error says it. */
export function describe(error: ErrorObject, root: Node): Finding | undefined {
  const path = pathOf(error);
  const known = DESCRIBE[error.keyword];
  // A name that does not match fails twice: `propertyNames` tells it with its place.
  if (!known || error.propertyName !== undefined) return undefined;
  return { range: nodeAt(root, path), ...known(error, path, root) };
}

const DESCRIBE: Readonly<Record<string, Describe>> = {
  additionalProperties: (error, path, root) => {
    const key = String(error.params["additionalProperty"]);
    const candidates = keysOf(error);
    const isText = /\s/.test(key) && valueAt(nodeAt(root, path), key) === null;
    const comma = isText ? "a comma ends a value inside { }: put the text in quotes" : "";
    const hint = didYouMean(key, candidates) || comma || `the keys here are ${list(candidates)}`;
    return {
      rule: "unknown-key",
      message: `"${key}" is not a key ${whereOf(path)}`,
      hint,
      range: keyAt(nodeAt(root, path), key),
    };
  },
  required: (error, path) => {
    const key = String(error.params["missingProperty"]);
    return { rule: "missing-key", message: `"${key}" ${whereOf(path)} is missing`, hint: `add \`${key}:\`` };
  },
  type: (error) => ({
    rule: "wrong-type",
    message: `expected ${expectation(error)}, came ${shown(error.data)}`,
    hint: wrongTypeHint(error),
  }),
  enum: (error) => {
    const values = (error.schema as readonly unknown[]).map(String);
    return {
      rule: "bad-value",
      message: `expected one of ${list(values)}, came ${shown(error.data)}`,
      hint: didYouMean(String(error.data), values),
    };
  },
  pattern: (error) => ({
    rule: "bad-value",
    message: `expected ${expectation(error)}, came ${shown(error.data)}`,
    hint: bareNumber(error),
  }),
  propertyNames: (error, path, root) => {
    const name = String(error.params["propertyName"]);
    const expected = expectation({ ...error, parentSchema: error.schema as AnySchemaObject });
    return {
      rule: "bad-value",
      message: `the name "${name}" is not allowed here: expected ${expected}`,
      hint: "",
      range: keyAt(nodeAt(root, path), name),
    };
  },
  uniqueItems: (error, path, root) => {
    const again = Math.max(Number(error.params["i"]), Number(error.params["j"]));
    const message = `${shown((error.data as readonly unknown[])[again])} stands twice in the list`;
    return { rule: "bad-value", message, hint: "remove one", range: nodeAt(root, [...path, again]) };
  },
  minItems: () => ({ rule: "bad-value", message: "the list is empty", hint: "" }),
  minProperties: () => ({ rule: "bad-value", message: "the map is empty", hint: "" }),
  minLength: () => ({ rule: "bad-value", message: "the text is empty", hint: "" }),
  minimum: outOfRange,
  maximum: outOfRange,
  exclusiveMinimum: outOfRange,
};

function keysOf(error: ErrorObject): readonly string[] {
  return Object.keys((error.parentSchema as AnySchemaObject)["properties"] ?? {});
}

function outOfRange(error: ErrorObject): Omit<Finding, "range"> {
  const known = (error.parentSchema as AnySchemaObject)["x-expected"];
  const expected = typeof known === "string" ? known : String(error.message).replace("must be", "a number");
  return { rule: "bad-value", message: `expected ${expected}, came ${shown(error.data)}`, hint: "" };
}

function pathOf(error: ErrorObject): Path {
  return error.instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What the lists of a catalogue hold. */
const ITEMS: Readonly<Record<string, string>> = { commands: "command", resources: "resource", prompts: "prompt" };

function whereOf(path: Path): string {
  if (path.length === 0) return "of a catalogue";
  if (path.length === 2 && Object.hasOwn(ITEMS, String(path[0]))) return `of a ${ITEMS[String(path[0])]}`;
  if (path.at(-2) === "params") return "of a parameter";
  return `of \`${path.findLast((step) => !/^\d+$/.test(String(step))) ?? ""}\``;
}

function expectation(error: ErrorObject): string {
  const schema = error.parentSchema as AnySchemaObject;
  if (typeof schema["x-expected"] === "string") return schema["x-expected"];
  if (error.keyword === "pattern") return `text that matches ${String(schema["pattern"])}`;
  const names: Readonly<Record<string, string>> = {
    object: "a map",
    array: "a list",
    string: "text",
    integer: "a whole number",
    number: "a number",
    boolean: "true or false",
    null: "null",
  };
  return [schema["type"]]
    .flat()
    .map((type) => names[String(type)] ?? String(type))
    .join(" or ");
}

function wrongTypeHint(error: ErrorObject): string {
  if (!wantsText(error) || !isPlain(error.data)) return "";
  const { pattern, "x-expected": known } = error.parentSchema as AnySchemaObject;
  if (typeof known === "string" && known.includes("with its unit")) return "write the unit too";
  const fits = typeof pattern !== "string" || new RegExp(pattern).test(String(error.data));
  return fits ? `write it in quotes: "${String(error.data)}"` : "";
}

function wantsText(error: ErrorObject): boolean {
  return [(error.parentSchema as AnySchemaObject)["type"]].flat().includes("string");
}

function bareNumber(error: ErrorObject): string {
  if (typeof error.data !== "string" || !/^\d+$/.test(error.data)) return "";
  return expectation(error).includes("with its unit") ? "write the unit too" : `write it without quotes: ${error.data}`;
}

function shown(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "string") return value.length > 60 ? `"${value.slice(0, 57)}..."` : `"${value}"`;
  return typeof value === "number" ? `the number ${value}` : JSON.stringify(value);
}

function isPlain(value: unknown): value is number | boolean {
  return typeof value === "number" || typeof value === "boolean";
}

function list(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(", ");
}
