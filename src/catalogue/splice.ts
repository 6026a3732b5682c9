import type { Entry, MappingNode, Node, ScalarNode } from "./node.ts";
import type { Range } from "./source.ts";

/** A piece of text that takes the place of another. */
export interface Edit extends Range {
  readonly text: string;
}

/** A value of an entry as it is written; what an alias stands for is written elsewhere. */
export interface Written extends Range {
  readonly form: "nothing" | "alias" | "scalar" | "block scalar" | "flow" | "block";
  /** Behind anchor and tag. */
  readonly bare: number;
}

/** The text with all edits done; where two overlap, the later one begins where the earlier ends. */
export function splice(text: string, edits: readonly Edit[]): string {
  let at = 0;
  let result = "";
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, Math.max(at, edit.start)) + edit.text;
    at = Math.max(at, edit.end);
  }
  return result + text.slice(at);
}

/** Where and how the value of an entry is written. */
export function writtenValue(text: string, { key, value }: Entry): Written {
  const colon = endOf(text, key.end, /[ \t]*:/y);
  const start = endOf(text, colon, TRIVIA);
  if (isNothing({ key, value })) return { form: "nothing", start: colon, end: colon, bare: colon };
  if (text[start] === "*") return { form: "alias", start, end: endOf(text, start, ALIAS), bare: start };
  const bare = value.kind === "scalar" ? endOf(text, start, PROPERTIES) : value.start;
  if (value.kind === "scalar") {
    if (!/[|>]/.test(text[bare] ?? "")) return { form: "scalar", start, end: value.end, bare };
    const content = text.slice(0, value.end).replace(/\s+$/, "");
    return { form: "block scalar", start, end: Math.max(content.length, endOf(text, bare, /[^\r\n]*/y)), bare };
  }
  const form = text[bare] === "[" || text[bare] === "{" ? "flow" : "block";
  return { form, start, end: form === "flow" ? flowEnd(text, value) : blockEnd(text, { key, value }), bare };
}

/** Whether the key stands behind a `?`, and its value behind a `:` on another line. */
export function isExplicit(text: string, { key }: Entry): boolean {
  return text[endOf(text, key.end, /[ \t]*/y)] !== ":";
}

/** Writes the empty text into each item of a list of lines that has none. */
export function emptyItems(text: string, node: Node | undefined): readonly Edit[] {
  if (node?.kind !== "sequence" || text[node.start] !== "-") return [];
  const edits: Edit[] = [];
  let at = node.start;
  for (const item of node.items) {
    const start = endOf(text, at, TRIVIA);
    if (text[start] !== "-") break;
    const isEmpty = item.kind === "scalar" && item.value === null && item.text === "" && item.start < start;
    if (isEmpty) edits.push({ start: start + 1, end: start + 1, text: ' ""' });
    const value = endOf(text, endOf(text, start + 1, TRIVIA), PROPERTIES);
    at = isEmpty ? start + 1 : text[value] === "*" ? endOf(text, value, ALIAS) : flowEnd(text, item);
  }
  return edits;
}

/** The entry is taken out; comments in and behind it stay, each on a line of its own where nothing else is left on the line. */
export function removal(text: string, mapping: MappingNode, entry: Entry): Edit {
  const { key } = entry;
  const written = writtenValue(text, entry);
  if (text[mapping.start] === "{") return flowRemoval(text, key.start, written.end);
  const rest = endOf(text, written.end, /[ \t]*(?:#[^\r\n]*)?/y);
  const inside = written.form === "block" ? withoutScalars(text, written, entry.value) : "";
  const comments = [text.slice(key.end, written.start), inside, text.slice(written.end, rest)].flatMap((part) =>
    Array.from(part.matchAll(/(?:^|\s)(#[^\r\n]*)/g), ([, comment = ""]) => comment),
  );
  const line = text.lastIndexOf("\n", key.start - 1) + 1;
  const indent = text.slice(line, key.start);
  const eol = lineEnd(text);
  if (comments.length > 0)
    return { start: key.start, end: rest, text: comments.join(eol + indent.replace(/\S/g, " ")) };
  if (indent.trim() === "") return { start: line, end: endOf(text, rest, /\r?\n?/y), text: "" };
  return { start: key.start, end: endOf(text, rest, /\s*/y), text: "" };
}

/** The place behind the bracket that closes a list or a map in flow style. */
function flowEnd(text: string, node: Node): number {
  if (node.kind === "scalar") return node.end;
  let at = node.start + 1;
  for (const entry of node.kind === "mapping" ? node.entries.values() : []) at = writtenValue(text, entry).end;
  for (const item of node.kind === "sequence" ? node.items : []) {
    const start = endOf(text, endOf(text, at, SEPARATORS), PROPERTIES);
    at = text[start] === "*" ? endOf(text, start, ALIAS) : flowEnd(text, item);
  }
  return endOf(text, endOf(text, at, SEPARATORS), /[\]}]/y);
}

/** The end of the last line of a value that is written below its key, deeper or as a list of lines at the key's own depth. */
function blockEnd(text: string, { key, value }: Entry): number {
  const column = key.start - text.lastIndexOf("\n", key.start - 1) - 1;
  let end = value.end;
  for (const line of text.slice(value.start).matchAll(/^([ \t]*)([^\r\n]*)/gm)) {
    const [whole, { length: depth } = "", rest = ""] = line;
    if (line.index > 0) {
      if (rest === "" || rest.startsWith("#")) continue;
      if (depth < column || (depth === column && !(value.kind === "sequence" && /^-(?:\s|$)/.test(rest)))) break;
    }
    end = value.start + line.index + whole.trimEnd().length;
  }
  return end;
}

/** What is left of a range is indicators and comments. */
function withoutScalars(text: string, { start, end }: Range, value: Node): string {
  const edits: Edit[] = [];
  const todo = [value];
  for (let node = todo.pop(); node; node = todo.pop()) {
    if (node.kind === "sequence") todo.push(...node.items);
    else if (node.kind === "mapping") for (const entry of node.entries.values()) todo.push(entry.value);
    else if (node.start >= start && node.end <= end) edits.push({ start: node.start, end: node.end, text: "" });
  }
  return splice(text.slice(0, end), edits).slice(start);
}

/** Text in a list in flow style: as it is written where that means the same there, else in quotes. */
export function flowText(node: ScalarNode, written: string): string {
  const isPlain = /^[^\s,[\]{}"'#&*!|>%@`-][^,[\]{}#\r\n]*$/.test(written) && written === node.text;
  const isQuoted = /^["'][^\r\n]*["']$/.test(written);
  return isPlain || isQuoted ? written : quoted(node.text);
}

/** JSON is YAML in double quotes. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

export function lineEnd(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? "\n";
}

const TRIVIA = /(?:\s+(?:#[^\r\n]*)?)*/y;
const SEPARATORS = /(?:[\s,]+(?:#[^\r\n]*)?)*/y;
const PROPERTIES = /(?:[&!]\S*\s+)*/y;
const ALIAS = /\*[^\s,[\]{}]+/y;

function endOf(text: string, start: number, pattern: RegExp): number {
  pattern.lastIndex = start;
  return start + (pattern.exec(text)?.[0].length ?? 0);
}

/** What is not written has the place of its key. */
function isNothing({ key, value }: Entry): boolean {
  return value.kind === "scalar" && value.value === null && value.text === "" && value.start === key.start;
}

function flowRemoval(text: string, start: number, end: number): Edit {
  const behind = endOf(text, end, /\s*,[ \t]*/y);
  if (behind > end) return { start, end: behind, text: "" };
  const before = /\s*,\s*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  return { start: start - before, end, text: "" };
}
