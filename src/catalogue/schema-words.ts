import { regexFault } from "../command/validator.ts";
import { type Draft, within } from "./draft.ts";
import { type MappingNode, type Node, child } from "./node.ts";
import { checkSeen, rangesIn, warnUnseen } from "./shown-text.ts";

/** Keywords whose value is a schema, a list of schemas, or a map of schemas by name. */
export const HOLDS_SCHEMA = new Set(["items", "contains", "additionalProperties", "propertyNames", "not"]);
export const HOLDS_SCHEMAS = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
export const HOLDS_NAMED_SCHEMAS = new Set(["properties", "patternProperties"]);

/** Keywords whose value is for whoever reads the schema. */
const TOLD = ["title", "description"] as const;

/** Words of ours, which clients are not shown. */
export const OUR_WORDS = new Set([
  "required",
  "within",
  "exists",
  "flag",
  "join",
  "as",
  "leading_dash",
  "secret",
  "positional",
  "complete",
]);

export function isTold(key: string): boolean {
  return TOLD.some((each) => each === key);
}

/** `pattern` must match the whole value; written so that a client that checks by itself comes to the same verdict. */
export function anchored(pattern: string): string {
  return `^(?:${pattern})$`;
}

/**
 * Reports patterns that RE2 does not take, and bounds that exclude everything, in a schema and in all schemas that it holds;
 * answers whether there are none.
 */
export function checkSchemaWords(draft: Draft, schema: MappingNode): boolean {
  for (const key of TOLD) warnUnseen(draft, schema, key);
  checkShown(draft, schema);
  const own = [checkPattern(draft, schema), checkNamePatterns(draft, schema), checkBounds(draft, schema)];
  return [...own, ...schemasIn(schema).map((each) => checkSchemaWords(draft, each))].every(Boolean);
}

/** Whether the value of a keyword is shown as it is written. A list of required names is, too. */
function isShown(word: string): boolean {
  const isRead = isTold(word) || HOLDS_SCHEMA.has(word) || HOLDS_SCHEMAS.has(word);
  return !isRead && (word === "required" || !OUR_WORDS.has(word));
}

/** Keywords, names, and the values of all keywords but such as are texts or schemas themselves. */
function checkShown(draft: Draft, schema: MappingNode): void {
  for (const [word, { key, value }] of schema.entries) {
    checkSeen(draft, "a key of a schema", [key]);
    if (HOLDS_NAMED_SCHEMAS.has(word) && value.kind === "mapping") {
      const names = Array.from(value.entries.values(), (entry) => entry.key);
      checkSeen(draft, `a key of \`${word}\``, names);
    } else if (isShown(word)) checkSeen(draft, `\`${word}\``, rangesIn(value));
  }
}

/** The schemas directly below a schema. */
export function schemasIn(schema: MappingNode): readonly MappingNode[] {
  const nodes = [...schema.entries].flatMap(([key, { value }]): readonly Node[] => {
    if (HOLDS_SCHEMA.has(key)) return [value];
    if (HOLDS_SCHEMAS.has(key)) return value.kind === "sequence" ? value.items : [];
    if (!HOLDS_NAMED_SCHEMAS.has(key) || value.kind !== "mapping") return [];
    return Array.from(value.entries.values(), (entry) => entry.value);
  });
  return nodes.filter((node) => node.kind === "mapping");
}

function checkPattern(draft: Draft, schema: MappingNode): boolean {
  const node = child(schema, "pattern");
  if (node?.kind !== "scalar") return true;
  const written = String(node.value);
  // One that is none by itself may be one inside ours, `a)|(?:b`, and the other way round, `\Qa`.
  const isOpen = regexFault(anchored(written)) !== undefined;
  const fault = regexFault(written) ?? (isOpen ? "`\\Q` without `\\E`" : undefined);
  return fault === undefined || reportPattern(draft, within(draft, node, node.text), fault);
}

function checkNamePatterns(draft: Draft, schema: MappingNode): boolean {
  const node = child(schema, "patternProperties");
  const entries = node?.kind === "mapping" ? [...node.entries] : [];
  const faulty = entries.filter(([pattern, { key }]) => {
    const fault = regexFault(pattern);
    return fault !== undefined && !reportPattern(draft, within(draft, key, pattern), fault);
  });
  return faulty.length === 0;
}

function reportPattern(draft: Draft, range: { start: number; end: number }, fault: string): false {
  draft.error(
    range,
    "regex-unsupported",
    `the pattern is not one that RE2 takes: ${fault}`,
    "look-around and back-references are not possible in linear time",
  );
  return false;
}

const LOWER = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"] as const;
const UPPER: Readonly<Record<(typeof LOWER)[number], readonly string[]>> = {
  minimum: ["maximum", "exclusiveMaximum"],
  exclusiveMinimum: ["maximum", "exclusiveMaximum"],
  minLength: ["maxLength"],
  minItems: ["maxItems"],
  minProperties: ["maxProperties"],
  minContains: ["maxContains"],
};

function checkBounds(draft: Draft, schema: MappingNode): boolean {
  const numberAt = (key: string): number | undefined => {
    const node = child(schema, key);
    return node?.kind === "scalar" && typeof node.value === "number" ? node.value : undefined;
  };
  const pairs = LOWER.flatMap((low) => UPPER[low].map((high) => [low, high] as const));
  const faulty = pairs.filter(([low, high]) => {
    const [from, to] = [numberAt(low), numberAt(high)];
    if (from === undefined || to === undefined) return false;
    const isOpen = low.startsWith("exclusive") || high.startsWith("exclusive");
    if (isOpen ? from < to : from <= to) return false;
    const range = schema.entries.get(low)?.key ?? schema;
    draft.error(range, "schema-invalid", `no value fits: \`${low}\` is ${from} and \`${high}\` is ${to}`);
    return true;
  });
  return faulty.length === 0;
}
