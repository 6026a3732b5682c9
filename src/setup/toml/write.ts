import type { Entry } from "../format.ts";

/** A table with its header; tables in it are written in braces. */
export function writeTable(path: readonly string[], entry: Entry, eol: string): string {
  const lines = Object.entries(entry).map(([key, value]) => writePair([key], value));
  return [`[${writeKey(path)}]`, ...lines].join(eol);
}

export function writePair(path: readonly string[], value: unknown): string {
  return `${writeKey(path)} = ${writeValue(value)}`;
}

export function writeValue(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(writeValue).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, inner]) => writePair([key], inner));
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

function writeKey(path: readonly string[]): string {
  return path.map((key) => (/^[\w-]+$/.test(key) ? key : quoted(key))).join(".");
}

/** TOML's basic strings are JSON's, but for one character that it wants escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", String.raw`\u007f`);
}
