import { type Data, isMap, listOf, mapOf } from "./data.ts";
import { type DraftParam, type Value, literal } from "./draft.ts";
import { oneLine } from "./words.ts";

/** Follows a `$ref`; undefined where it leads nowhere in this document. */
export type Resolve = (ref: string) => unknown;

const DEEPEST = 8;
const NUMBERS = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];
const BOUNDS = ["minimum", "maximum", "multipleOf"];
const FORMATS = new Set(
  "date time date-time duration uri uri-reference uri-template url email hostname ipv4 ipv6 uuid json-pointer byte int32 int64 float double password binary".split(
    " ",
  ),
);
const TYPES = new Set(["string", "number", "integer", "boolean", "array", "object", "null"]);

/**
 * Somebody else's schema in the words of a catalogue; without what it does not know, and without what is only ever answered. A schema
 * inside of itself, by the references in `trail`, is told by its type alone.
 */
export function schemaOf(
  raw: unknown,
  resolve: Resolve,
  trail: readonly string[] = [],
  lose: (loss: string) => void = () => undefined,
): DraftParam["schema"] {
  const followed: string[] = [];
  const data = merged(raw, (reference) => {
    followed.push(reference);
    const target = resolve(reference);
    return trail.includes(reference) || trail.length > DEEPEST ? { type: mapOf(target)["type"] } : target;
  });
  const types = typesOf(data);
  // Each level counts, also without a reference.
  const below = (each: unknown): Value =>
    trail.length > DEEPEST
      ? {}
      : schemaOf(each, resolve, [...trail, ...(followed.length === 0 ? [""] : followed)], lose);
  const pattern = patternOf(data["pattern"]);
  if (pattern === undefined && data["pattern"] !== undefined && data["pattern"] !== "")
    lose(`the pattern \`${oneLine(data["pattern"], 100)}\` is left out, as it cannot be checked here`);
  const fallback = trail.length === 0 ? defaultOf(data, types) : {};
  const lost = fallback.default === undefined ? lostDefault(data, types) : "";
  if (lost !== "") lose(trail.length === 0 ? lost : `${lost}, inside of it`);
  return {
    type: types.length === 0 ? undefined : types.length === 1 ? types[0] : types,
    ...enumOf(data),
    ...boundsOf(data),
    pattern,
    format: types.some((type) => HAS_FORMAT.has(type)) ? formatOf(data["format"]) : undefined,
    items: types.includes("array") ? below(data["items"] ?? {}) : undefined,
    ...(types.includes("object") ? objectOf(data, below) : {}),
    anyOf: alternatives(data, below),
    ...fallback,
    description: descriptionOf(data),
  };
}

const HAS_FORMAT = new Set(["string", "integer", "number"]);

/** A schema behind its `$ref`, and with what its `allOf` adds. */
export function merged(raw: unknown, resolve: Resolve, depth = 0): Data {
  const own = mapOf(raw);
  const reference = own["$ref"];
  if (depth > DEEPEST) return {};
  if (typeof reference === "string")
    return { ...merged(resolve(reference), resolve, depth + 1), ...without(own, "$ref") };
  const parts = listOf(own["allOf"]).map((each) => merged(each, resolve, depth + 1));
  if (parts.length === 0) return own;
  const all = [...parts, own];
  return {
    ...Object.assign({}, ...all.map((each) => without(each, "allOf"))),
    properties: Object.assign({}, ...all.map((each) => mapOf(each["properties"]))) as Data,
    required: [...new Set(all.flatMap((each) => listOf(each["required"])))],
  };
}

function without(data: Data, key: string): Data {
  return Object.fromEntries(Object.entries(data).filter(([name]) => name !== key));
}

export function descriptionOf(data: Data): string | undefined {
  const text = oneLine(data["description"] ?? data["title"], 400);
  return text === "" ? undefined : literal(text);
}

function typesOf(data: Data): readonly string[] {
  const named = (Array.isArray(data["type"]) ? listOf(data["type"]) : [data["type"]]).filter((each): each is string =>
    TYPES.has(String(each)),
  );
  const known =
    named.length > 0 ? named : isMap(data["properties"]) ? ["object"] : data["items"] === undefined ? [] : ["array"];
  return data["nullable"] === true && known.length > 0 && !known.includes("null") ? [...known, "null"] : known;
}

function enumOf(data: Data): { readonly enum?: Value; readonly const?: Value } {
  const values = listOf(data["enum"]).filter(isPlain);
  const only = data["const"];
  const texts = [...new Set(values)].map((each) => (typeof each === "string" ? literal(each) : each));
  if (texts.length > 0 && values.length === listOf(data["enum"]).length) return { enum: texts };
  return isPlain(only) ? { const: typeof only === "string" ? literal(only) : only } : {};
}

/** One that surely fits; the service knows its own. */
function defaultOf(data: Data, types: readonly string[]): { readonly default?: Value } {
  const value = data["default"];
  const isListed = listOf(data["enum"]).includes(value);
  const isFree = ![
    "enum",
    "const",
    "pattern",
    "format",
    ...NUMBERS,
    ...BOUNDS,
    "exclusiveMinimum",
    "exclusiveMaximum",
    "anyOf",
    "oneOf",
  ].some((word) => word in data);
  return isPlain(value) && value !== null && isOfOne(types, value) && (isListed || isFree)
    ? { default: typeof value === "string" ? literal(value) : value }
    : {};
}

/** What is said of a default that is not kept; empty where there is none. */
function lostDefault(data: Data, types: readonly string[]): string {
  const value = data["default"];
  if (value === undefined || value === null) return "";
  return isPlain(value) && types.length > 0 && !isOfOne(types, value)
    ? "a default is left out, as it is not of its own type"
    : `the default ${oneLine(JSON.stringify(value), 60)} is left to the service`;
}

function isOfOne(types: readonly string[], value: unknown): boolean {
  return types.some((type) => typeof value === type || (type === "integer" && Number.isSafeInteger(value)));
}

function isPlain(value: unknown): value is string | number | boolean | null {
  if (typeof value === "number") return isExact(value);
  return value === null || typeof value === "string" || typeof value === "boolean";
}

/** A number that YAML gives back as it is written. */
function isExact(value: unknown): value is number {
  return (
    typeof value === "number" &&
    (Number.isSafeInteger(value) || (Number.isFinite(value) && Math.abs(value) < 1e15 && Math.abs(value) > 1e-6))
  );
}

function boundsOf(data: Data): { readonly [word: string]: Value | undefined } {
  const found: { [word: string]: Value } = {};
  for (const word of NUMBERS)
    if (Number.isSafeInteger(data[word]) && Number(data[word]) >= 0) found[word] = Number(data[word]);
  for (const word of BOUNDS)
    if (isExact(data[word]) && (word !== "multipleOf" || data[word] > 0)) found[word] = data[word];
  // A number in 3.1; in 3.0 it says that the bound itself is none of the values.
  for (const [word, bound] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    const value = data[word] === true ? found[bound] : data[word];
    if (data[word] === true) delete found[bound];
    if (isExact(value)) found[word] = value;
  }
  return { ...found, uniqueItems: data["uniqueItems"] === true ? true : undefined };
}

/** A pattern of theirs may match anywhere, ours is the whole value; what RE2 does not know is left out. */
function patternOf(pattern: unknown): string | undefined {
  if (typeof pattern !== "string" || pattern === "" || /\(\?[=!<]|\\[1-9kupPcBx]|\[\^?\]|\[\[/.test(pattern))
    return undefined;
  try {
    new RegExp(pattern, "u").test("");
  } catch {
    return undefined;
  }
  const isWhole = pattern.startsWith("^") && /(?:^|[^\\])\$$/.test(pattern) && !pattern.includes("|");
  return literal(isWhole ? pattern.slice(1, -1) : `[\\s\\S]*(?:${pattern})[\\s\\S]*`);
}

function formatOf(format: unknown): string | undefined {
  return typeof format === "string" && FORMATS.has(format) ? format : undefined;
}

function objectOf(data: Data, below: (each: unknown) => Value): { readonly [word: string]: Value | undefined } {
  const all = Object.entries(mapOf(data["properties"])).filter(([, each]) => mapOf(each)["readOnly"] !== true);
  const required = listOf(data["required"]).filter((name): name is string => all.some(([each]) => each === name));
  const more = data["additionalProperties"];
  return {
    properties: all.length === 0 ? undefined : Object.fromEntries(all.map(([name, each]) => [name, below(each)])),
    required: required.length === 0 ? undefined : [...new Set(required)],
    additionalProperties: typeof more === "boolean" ? more : isMap(more) ? below(more) : undefined,
  };
}

function alternatives(data: Data, below: (each: unknown) => Value): readonly Value[] | undefined {
  const all = [...listOf(data["anyOf"]), ...listOf(data["oneOf"])];
  return all.length === 0 ? undefined : all.map((each) => below(each));
}
