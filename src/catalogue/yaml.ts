import { EVENT_ID, type Event, type MappingEvent, type ScalarEvent, type SequenceEvent } from "js-yaml";
import { type Events, readEvents } from "./events.ts";
import type { Entry, MappingNode, Node, SequenceNode } from "./node.ts";
import type { Report } from "./report.ts";
import { type Fault, readScalar } from "./scalar.ts";
import { type Range, type Source, place } from "./source.ts";
import { syntaxError } from "./syntax-error.ts";

const MOST_ALIASES = 100;

/**
 * Parses one YAML 1.2 document (core schema) into nodes. What a catalogue cannot hold is reported: several documents,
 * duplicate and merge keys, unknown tags, alias bombs, cycles, numbers that would be rounded. Undefined when nothing can
 * be used.
 */
export function parseYaml(source: Source, report: Report): Node | undefined {
  let read: Events;
  try {
    read = readEvents(source.text, source.file);
  } catch (error) {
    const { at, message, hint } = syntaxError(source.text, error);
    report.error(source, { start: at, end: at + 1 }, "syntax", message, hint);
    return undefined;
  }
  const { events, shallow } = read;
  for (const start of shallow) warnShallow(source, start, report);
  const documents = events.flatMap((event, index) => (event.type === EVENT_ID.DOCUMENT ? [index] : []));
  const fault: Fault = (range, rule, message, hint) => {
    report.error(source, range, rule, message, hint);
    return undefined;
  };
  if (documents.length === 0)
    return fault({ start: 0, end: 1 }, "empty-file", "the file is empty", "begin with `commands:`");
  const [, second] = documents;
  if (second !== undefined) {
    const range = secondDocument(source.text, events.slice(0, second));
    return fault(range, "empty-file", "the file holds several documents", "remove the `---` lines");
  }
  return compose(source.text, events, fault);
}

function warnShallow(source: Source, start: number, report: Report): void {
  const [line = ""] = /.*/.exec(source.text.slice(start)) ?? [];
  const at = start + line.length - line.trimStart().length;
  const message = "this stands no deeper than its key, which YAML 1.2 does not allow";
  report.warn(source, { start: at, end: at + 1 }, "indentation", message, "move it to the right");
}

/** Builds nodes from the parser's flat list of events. */
function compose(text: string, events: readonly Event[], fault: Fault): Node | undefined {
  const anchors = createAnchors(text, fault);
  let position = 1;

  function next(): Node | undefined {
    const event = events[position++];
    if (!event || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return undefined;
    if (event.type === EVENT_ID.ALIAS) return anchors.resolve({ start: event.anchorStart - 1, end: event.anchorEnd });
    if (event.anchorStart < 0) return read(event);
    return anchors.define(text.slice(event.anchorStart, event.anchorEnd), () => read(event));
  }

  function read(event: ScalarEvent | SequenceEvent | MappingEvent): Node {
    if (event.type === EVENT_ID.SCALAR) return readScalar(text, event, fault);
    checkTag(text, event, fault);
    return event.type === EVENT_ID.SEQUENCE ? sequence(event) : mapping(event);
  }

  function sequence(event: SequenceEvent): SequenceNode {
    const items: Node[] = [];
    for (let node = next(); node; node = next()) items.push(node);
    return { kind: "sequence", items, start: event.start, end: event.start + 1 };
  }

  /** A mapping is marked at its first key: a mark over many lines shows nothing. */
  function mapping(event: MappingEvent): MappingNode {
    const entries = new Map<string, Entry>();
    let end = event.start + 1;
    for (let key = next(); key; key = next()) {
      const value = next();
      if (!value) break;
      if (entries.size === 0) end = key.end;
      const name = keyName(key, fault);
      const first = name === undefined ? undefined : entries.get(name);
      if (name !== undefined && first) reportDuplicate(text, name, [first.key, key], fault);
      else if (name !== undefined) entries.set(name, { key, value: placed(value, key) });
    }
    return { kind: "mapping", entries, start: event.start, end: Math.max(end, event.start + 1) };
  }

  return next();
}

/** What is not written has no place but that of its key. */
function placed(value: Node, key: Range): Node {
  const isThere = value.kind !== "scalar" || value.value !== null || value.text !== "" || value.isFaulty;
  return isThere ? value : { ...value, start: key.start, end: key.end };
}

interface Anchors {
  define(name: string, read: () => Node): Node;
  resolve(alias: Range): Node;
}

/** Counts expansions as if each alias were written out, so that aliases of aliases do not multiply unseen. */
function createAnchors(text: string, fault: Fault): Anchors {
  const known = new Map<string, { node: Node; weight: number } | "open">();
  let expansions = 0;

  function define(name: string, read: () => Node): Node {
    known.set(name, "open");
    const before = expansions;
    const node = read();
    known.set(name, { node, weight: expansions - before });
    return node;
  }

  function resolve(alias: Range): Node {
    const nothing: Node = { kind: "scalar", value: null, template: "", text: "", isFaulty: true, ...alias };
    const name = text.slice(alias.start + 1, alias.end);
    const target = known.get(name);
    if (target === undefined || target === "open") {
      const why =
        target === "open" ? `the alias *${name} contains itself` : `no anchor &${name} stands before this alias`;
      fault(alias, "alias-bomb", why);
      return nothing;
    }
    const before = expansions;
    expansions += 1 + target.weight;
    if (expansions <= MOST_ALIASES) return target.node;
    const hint = "write the values out, or use `defaults`";
    if (before <= MOST_ALIASES) fault(alias, "alias-bomb", `more than ${MOST_ALIASES} alias expansions`, hint);
    return nothing;
  }

  return { define, resolve };
}

function keyName(key: Node, fault: Fault): string | undefined {
  if (key.kind !== "scalar" || key.value === null) return fault(key, "bad-key", "a key must be plain text");
  const hint = "write the keys out; an alias may stand for a whole value";
  if (key.text === "<<") return fault(key, "bad-key", "merge keys (`<<`) are not a part of the language", hint);
  return key.text === "__proto__" ? fault(key, "unknown-key", '"__proto__" is not a key') : key.text;
}

function reportDuplicate(text: string, name: string, [first, second]: readonly [Range, Range], fault: Fault): void {
  const { line, column } = place(text, first);
  const message = `the key "${name}" stands twice; the first is at ${line}:${column}`;
  fault(second, "duplicate-key", message, "remove one of them");
}

function checkTag(text: string, { type, tagStart, tagEnd }: SequenceEvent | MappingEvent, fault: Fault): void {
  const tag = tagStart < 0 ? "" : text.slice(tagStart, tagEnd);
  if (tag === "" || tag === (type === EVENT_ID.SEQUENCE ? "!!seq" : "!!map")) return;
  fault({ start: tagStart, end: tagEnd }, "unknown-tag", `the tag ${tag} is not known here`, "remove it");
}

/** The `---` behind the last thing of the first document. */
function secondDocument(text: string, first: readonly Event[]): Range {
  const ends = first.map((event) => {
    if (event.type === EVENT_ID.SCALAR) return event.valueEnd;
    return event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING ? event.start : 0;
  });
  const mark = /^---(?!\S)/gm;
  mark.lastIndex = Math.max(0, ...ends);
  const start = mark.exec(text)?.index;
  return start === undefined ? { start: 0, end: 1 } : { start, end: start + 3 };
}
