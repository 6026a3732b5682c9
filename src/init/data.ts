import { load } from "js-yaml";

const MOST_NODES = 200_000;
const DEEPEST = 100;

/** What JSON or YAML holds, as plain data; undefined where the text is neither, or multiplies itself by its aliases. */
export function dataOf(text: string): unknown {
  try {
    const value = parse(text);
    return isBounded(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  const plain = text.replace(/^\uFEFF/, "");
  return /^\s*[{[]/.test(plain) ? jsonOr(plain) : load(plain);
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // YAML may begin like that, too.
    return load(text);
  }
}

/** Aliases make a short text a large tree, or one that holds itself. */
function isBounded(root: unknown): boolean {
  let count = 0;
  const visit = (value: unknown, depth: number): boolean => {
    if (typeof value !== "object" || value === null) return true;
    if (depth > DEEPEST || ++count > MOST_NODES) return false;
    return Object.values(value).every((each) => visit(each, depth + 1));
  };
  return visit(root, 0);
}

export type Data = Readonly<Record<string, unknown>>;

/** A map as it is, and anything else as an empty one. */
export function mapOf(value: unknown): Data {
  return isMap(value) ? value : {};
}

export function isMap(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}
