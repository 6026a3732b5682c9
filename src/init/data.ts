import { CORE_SCHEMA, YAMLException, load, mergeTag } from "js-yaml";

const MOST_NODES = 200_000;
const DEEPEST = 100;

/** What JSON or YAML holds, as plain data; undefined where it is neither, for the reason of `fault`. */
export interface Held {
  readonly value: unknown;
  readonly fault: string;
}

export function dataOf(text: string): Held {
  try {
    const value = parse(text);
    if (isBounded(value)) return { value, fault: "" };
    return { value: undefined, fault: "it is too large or too deep, or multiplies itself by its aliases" };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const place = error.mark ? `line ${error.mark.line + 1}: ` : "";
    return { value: undefined, fault: `${place}it is no YAML: ${error.reason}` };
  }
}

function parse(text: string): unknown {
  const plain = text.replace(/^\uFEFF/, "");
  return /^\s*[{[]/.test(plain) ? jsonOr(plain) : yaml(plain);
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // YAML may begin like that, too.
    return yaml(text);
  }
}

/** With `<<`, of which the library takes 10,000 keys at most. */
function yaml(text: string): unknown {
  return load(text, { schema: CORE_SCHEMA.withTags(mergeTag) });
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
