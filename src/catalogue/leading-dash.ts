import type { RawParameter } from "./param-schema.ts";

/** Whether no value of the parameter can begin with `-`, as far as its schema tells. */
export function neverLeadsWithDash(words: RawParameter): boolean {
  // A file's path is absolute.
  if (words.as === "file") return true;
  const one = words.type === "array" && typeof words.items === "object" ? words.items : words;
  const values = valuesOf(one);
  if (values) return values.every((value) => typeof value !== "string" || !value.startsWith("-"));
  if (one.type === "path" || one.type === "boolean") return true;
  if (one.type === "integer" || one.type === "number") return (one.minimum ?? one.exclusiveMinimum ?? -1) >= 0;
  if (one.type === "string" && SAFE_FORMATS.has(one.format ?? "")) return true;
  return one.pattern !== undefined && !one.pattern.includes("|") && SAFE_START.test(one.pattern);
}

/** All values that are allowed, where the schema lists them; negative numbers as text. */
function valuesOf({ const: only, enum: several }: RawParameter): readonly unknown[] | undefined {
  const values = only !== undefined ? [only] : several;
  if (values === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(values) ? values : Object.keys(values);
  return list.map((value) => (typeof value === "number" ? String(value) : value));
}

/** A letter or digit, a class of such without a loose `-`, or a class that excludes it, that is not optional. */
const SAFE_START =
  /^\^?(?:[A-Za-z0-9/_]|\[(?:[A-Za-z0-9_]-[A-Za-z0-9_]|[A-Za-z0-9_./:@]|\\[dw])+\]|\[\^-[^\]\\]*\]|\\[dw])(?![*?{])/;

/** Formats of which no value begins with `-`, as the validator checks them. */
const SAFE_FORMATS = new Set([
  "date",
  "time",
  "date-time",
  "iso-time",
  "iso-date-time",
  "duration",
  "uri",
  "url",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
  "json-pointer",
  "relative-json-pointer",
]);
