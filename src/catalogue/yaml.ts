import {
  EVENT_ID,
  type Event,
  type MappingEvent,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
  YAMLException,
  getScalarValue,
  parseEvents,
} from "js-yaml";
import type { Rule } from "../base/problem.ts";
import type { Report } from "./report.ts";
import type { Range, Source } from "./source.ts";

/** A YAML value with its place. Aliases share the node of their anchor. */
export type Node = ScalarNode | SequenceNode | MappingNode;

export interface ScalarNode extends Range {
  readonly kind: "scalar";
  /** Interpolation replaces `value` and `template`, before anything else reads them. */
  value: string | number | boolean | null;
  /** The value as a template is read from it: a literal `${` stands as `$${`. */
  template: string;
  /** The text as it is written, without quotes. */
  readonly text: string;
}

export interface SequenceNode extends Range {
  readonly kind: "sequence";
  readonly items: Node[];
}

export interface MappingNode extends Range {
  readonly kind: "mapping";
  readonly entries: Map<string, Entry>;
}

export interface Entry {
  readonly key: Range;
  readonly value: Node;
}

const DEEPEST = 100;
const MOST_ALIASES = 100;

/**
 * Parses one YAML 1.2 document (core schema) into nodes. What a catalogue cannot hold is reported: several documents,
 * duplicate and merge keys, unknown tags, alias bombs, cycles, numbers that would be rounded. Undefined when nothing can
 * be used.
 */
export function parseYaml(source: Source, report: Report): Node | undefined {
  let events: Event[];
  try {
    events = parseEvents(source.text, { filename: source.file, maxDepth: DEEPEST });
  } catch (error) {
    const { at, message, hint } = syntaxError(source.text, error);
    report.error(source, { start: at, end: at + 1 }, "syntax", message, hint);
    return undefined;
  }
  const documents = events.filter((event) => event.type === EVENT_ID.DOCUMENT).length;
  const fault: Fault = (range, rule, message, hint) => {
    report.error(source, range, rule, message, hint);
    return undefined;
  };
  if (documents === 0) return fault({ start: 0, end: 1 }, "empty-file", "the file is empty", "begin with `commands:`");
  if (documents > 1)
    return fault({ start: 0, end: 1 }, "empty-file", "the file holds several documents", "remove the `---` lines");
  return compose(source.text, events, fault);
}

/** The plain value of a node. Nodes hold no `__proto__` key, so plain objects are safe. */
export function toValue(node: Node): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "sequence") return node.items.map(toValue);
  const object: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) object[key] = toValue(entry.value);
  return object;
}

/** The node at a path of keys and indices, as far as it exists. */
export function nodeAt(root: Node, path: readonly (string | number)[]): Node {
  let node = root;
  for (const step of path) {
    const next = child(node, step);
    if (!next) return node;
    node = next;
  }
  return node;
}

/** The plain value at a path of keys and indices; undefined where the path leads nowhere. */
export function valueAt(root: Node, ...path: readonly (string | number)[]): unknown {
  let node: Node | undefined = root;
  for (const step of path) node = node && child(node, step);
  return node && toValue(node);
}

/** The text of a key of a mapping; empty when it is absent. */
export function textAt(node: Node, key: string): string {
  const found = child(node, key);
  return found?.kind === "scalar" && found.value !== null ? String(found.value) : "";
}

/** The place of a key inside a mapping node, or of the node itself. */
export function keyAt(node: Node, key: string): Range {
  return (node.kind === "mapping" ? node.entries.get(key)?.key : undefined) ?? node;
}

export function child(node: Node, step: string | number): Node | undefined {
  if (node.kind === "mapping") return node.entries.get(String(step))?.value;
  return node.kind === "sequence" ? node.items[Number(step)] : undefined;
}

/** Reports and answers undefined, for readers that end with it. */
type Fault = (range: Range, rule: Rule, message: string, hint?: string) => undefined;

function compose(text: string, events: readonly Event[], fault: Fault): Node | undefined {
  let position = 1;
  let aliases = 0;
  const anchors = new Map<string, { node: Node; weight: number } | "open">();

  function next(): Node | undefined {
    const event = events[position++];
    if (!event || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return undefined;
    if (event.type === EVENT_ID.ALIAS) return alias({ start: event.anchorStart - 1, end: event.anchorEnd });
    const anchor = event.anchorStart < 0 ? undefined : text.slice(event.anchorStart, event.anchorEnd);
    if (anchor !== undefined) anchors.set(anchor, "open");
    const before = aliases;
    const node =
      event.type === EVENT_ID.SCALAR
        ? scalar(text, event, fault)
        : event.type === EVENT_ID.SEQUENCE
          ? sequence(event)
          : mapping(event);
    if (anchor !== undefined) anchors.set(anchor, { node, weight: aliases - before });
    return node;
  }

  function alias(range: Range): Node {
    const name = text.slice(range.start + 1, range.end);
    const target = anchors.get(name);
    if (target === undefined) fault(range, "alias-bomb", `no anchor &${name} stands before this alias`);
    if (target === "open") fault(range, "alias-bomb", `the alias *${name} contains itself`);
    if (target === undefined || target === "open")
      return { kind: "scalar", value: null, template: "", text: "", ...range };
    const counted = aliases;
    aliases += 1 + target.weight;
    if (counted <= MOST_ALIASES && aliases > MOST_ALIASES) {
      fault(
        range,
        "alias-bomb",
        `more than ${MOST_ALIASES} alias expansions`,
        "write the values out, or use `defaults`",
      );
    }
    return aliases > MOST_ALIASES ? { kind: "scalar", value: null, template: "", text: "", ...range } : target.node;
  }

  function sequence(event: SequenceEvent): SequenceNode {
    checkTag(event, "!!seq");
    const items: Node[] = [];
    for (let node = next(); node; node = next()) items.push(node);
    return { kind: "sequence", items, start: event.start, end: event.start + 1 };
  }

  /** A mapping is marked at its first key: a mark over many lines shows nothing. */
  function mapping(event: MappingEvent): MappingNode {
    checkTag(event, "!!map");
    const entries = new Map<string, Entry>();
    let end = event.start + 1;
    for (let key = next(); key; key = next()) {
      const value = next();
      if (!value) break;
      if (entries.size === 0) end = key.end;
      const name = keyName(key);
      if (name === undefined) continue;
      const first = entries.get(name);
      if (first) duplicate(name, first.key, key);
      else entries.set(name, { key, value });
    }
    return { kind: "mapping", entries, start: event.start, end: Math.max(end, event.start + 1) };
  }

  function keyName(key: Node): string | undefined {
    if (key.kind !== "scalar" || key.value === null) return fault(key, "bad-key", "a key must be plain text");
    if (key.text === "<<")
      return fault(
        key,
        "bad-key",
        "merge keys (`<<`) are not a part of the language",
        "use `defaults`, or write the keys out",
      );
    if (key.text === "__proto__") return fault(key, "unknown-key", '"__proto__" is not a key');
    return key.text;
  }

  function duplicate(name: string, first: Range, second: Range): void {
    const line = text.slice(0, first.start).split("\n").length;
    const column = first.start - text.lastIndexOf("\n", first.start - 1);
    fault(
      second,
      "duplicate-key",
      `the key "${name}" stands twice; the first is at ${line}:${column}`,
      "remove one of them",
    );
  }

  function checkTag(event: { tagStart: number; tagEnd: number }, allowed: string): void {
    if (event.tagStart < 0) return;
    const tag = text.slice(event.tagStart, event.tagEnd);
    if (tag !== allowed)
      fault(
        { start: event.tagStart, end: event.tagEnd },
        "unknown-tag",
        `the tag ${tag} is not known here`,
        "remove it",
      );
  }

  return next();
}

function scalar(text: string, event: ScalarEvent, fault: Fault): ScalarNode {
  const written = getScalarValue(text, event);
  const quote = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0;
  const start = Math.max(0, event.valueStart - quote);
  const range = { start, end: Math.max(event.valueEnd + quote, start + 1) };
  const tag = event.tagStart < 0 ? "" : text.slice(event.tagStart, event.tagEnd);
  const node: ScalarNode = { kind: "scalar", value: written, template: written, text: written, ...range };
  if (tag === "!" || tag === "!!str" || (tag === "" && event.style !== SCALAR_STYLE.PLAIN)) return node;
  node.value = coreValue(written);
  if (typeof node.value === "number" && !isExact(node.value, written)) {
    fault(range, "unsafe-number", `the number ${written} cannot be kept exactly`, `write it in quotes: "${written}"`);
  }
  if (tag !== "" && tag !== coreTag(node.value)) {
    fault(
      { start: event.tagStart, end: event.tagEnd },
      "unknown-tag",
      `the tag ${tag} is not known here, or does not fit the value`,
      "remove it",
    );
  }
  return node;
}

/** YAML 1.2 core schema, section 10.3.2: `no` and `on` stay text. */
function coreValue(text: string): string | number | boolean | null {
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?[0-9]+$/.test(text) || /^0o[0-7]+$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text)) return Number(text);
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) return Number(text);
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text))
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^\.(?:nan|NaN|NAN)$/.test(text) ? Number.NaN : text;
}

function isExact(value: number, text: string): boolean {
  if (!Number.isFinite(value)) return false;
  return Number.isInteger(value) && !/[.eE]/.test(text.replace(/^0x.*/, "")) ? Number.isSafeInteger(value) : true;
}

function coreTag(value: string | number | boolean | null): string {
  if (value === null) return "!!null";
  if (typeof value === "boolean") return "!!bool";
  if (typeof value === "string") return "!!str";
  return Number.isInteger(value) ? "!!int" : "!!float";
}

function syntaxError(text: string, error: unknown): { at: number; message: string; hint: string } {
  if (!(error instanceof YAMLException))
    return { at: 0, message: error instanceof Error ? error.message : String(error), hint: "" };
  const at = Math.min(error.mark?.position ?? 0, Math.max(0, text.length - 1));
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? "";
  if (indent.includes("\t")) {
    return {
      at: lineStart + indent.indexOf("\t"),
      message: "a tab in the indentation",
      hint: "YAML is indented with spaces",
    };
  }
  return { at, message: `not YAML: ${error.reason}`, hint: "" };
}
