import type { Entry, Refused, Spot } from "../format.ts";
import { type Edit, type Range, behindBreak, eolOf, lineEnd, lineStart, splice } from "../splice.ts";
import type { Member, Tree, Value } from "./tree.ts";
import { type Layout, quoted, writeBehind, writeInline, writeItem, writeMember } from "./write.ts";

/** The servers of a file with what leads to them, and the one that is ours. */
export interface Found {
  readonly tree: Tree;
  readonly servers: Member | undefined;
  readonly entry: Member | undefined;
}

/** The text with a new entry; what is missing on the way is made. */
export function withEntry({ tree, servers }: Found, spot: Spot, entry: Entry): string | Refused {
  const { text, root } = tree;
  const layout = { eol: eolOf(text), unit: unitOf(tree) };
  const lines: Lines = (indent) =>
    spot.isList ? writeItem(entry, indent, layout) : writeMember(spot.name, entry, indent, layout);
  if (!servers) return root?.isFlow ? IN_BRACES : withServers(tree, spot.map, lines, layout);
  if (root?.isFlow || (servers.value.isFlow && !isBare(text, servers))) {
    const json = JSON.stringify(entry);
    return inFlow(text, servers, spot.isList ? json : `${quoted(spot.name)}: ${json}`, spot.isList);
  }
  if (isBare(text, servers)) return below(text, servers, lines, layout);
  const last = servers.value.members.at(-1);
  const indent = last && indentOf(text, last, spot.isList);
  return indent === undefined ? ODD : splice(text, [lineBehind(text, last?.end ?? 0, lines(indent), layout)]);
}

/** The entry, indented. */
type Lines = (indent: string) => string;

/** Servers of its own at the end of the file. */
function withServers({ text, root }: Tree, map: Spot["map"], lines: Lines, { eol, unit }: Layout): string {
  const first = root?.members[0];
  const indent = first ? text.slice(lineStart(text, first.start), first.start) : "";
  const isEnded = text === "" || /[\r\n]$/.test(text);
  const written = `${indent}${map.join(".")}:${eol}${lines(`${indent}${unit}`)}`;
  return `${text}${isEnded ? "" : eol}${written}${isEnded ? eol : ""}`;
}

/** Whether there is nothing behind the colon, or nothing but the brackets that `withoutEntry` leaves. */
function isBare(text: string, { colon, value }: Member): boolean {
  return value.kind === "nothing" || /^ (?:\{\}|\[\])$/.test(text.slice(colon, value.end));
}

function below(text: string, { start, colon, value }: Member, lines: Lines, layout: Layout): string {
  const indent = text.slice(lineStart(text, start), start);
  const end = Math.max(colon, value.end);
  const added = lineBehind(text, end, lines(`${indent}${layout.unit}`), layout);
  return splice(text, [{ start: colon, end, text: "" }, added]);
}

function inFlow(text: string, { colon, end, value }: Member, written: string, isList: boolean): string {
  if (value.kind !== "nothing") return splice(text, [inBrackets(value, written)]);
  return splice(text, [{ start: colon, end, text: isList ? ` [${written}]` : ` {${written}}` }]);
}

/** The text with another value below the entry. */
export function withValue(found: Found, keys: readonly string[], value: unknown): string | Refused {
  const { tree, entry } = found;
  const { text } = tree;
  const key = keys.at(-1) ?? "";
  const member = memberAt(entry, keys);
  const layout = { eol: eolOf(text), unit: unitOf(tree) };
  if (member) return splice(text, [replacement(text, member, value, layout)]);
  const above = memberAt(entry, keys.slice(0, -1))?.value;
  if (above?.kind !== "map") return keys.length > 1 ? withValue(found, keys.slice(0, -1), { [key]: value }) : ODD;
  if (above.isFlow) return splice(text, [inBrackets(above, `${quoted(key)}: ${JSON.stringify(value)}`)]);
  const last = above.members.at(-1);
  if (!last) return ODD;
  // In an item of a list the first key stands behind a dash.
  const indent = " ".repeat(last.start - lineStart(text, last.start));
  return splice(text, [lineBehind(text, last.end, writeMember(key, value, indent, layout), layout)]);
}

/** The text without the entry; of a map or a list that is empty then, brackets stay. */
export function withoutEntry({ tree: { text, root }, servers, entry }: Found, { isList }: Spot): string | Refused {
  if (!servers || !entry) return text;
  const { value } = servers;
  if (value.isFlow) return splice(text, [fromBrackets(text, value, entry)]);
  const indent = indentOf(text, entry, isList);
  if (indent === undefined || root?.isFlow) return ODD;
  const cutting = cut(text, linesOf(text, entry));
  const at = servers.colon;
  const empty: Edit = { start: at, end: at, text: isList ? " []" : " {}" };
  return splice(text, value.members.length === 1 ? [empty, cutting] : [cutting]);
}

/** What stands behind the colon for no servers, and has no brackets; null: something else does. */
export function stubOf(text: string, { colon, end, value }: Member): string | null {
  return value.kind === "nothing" ? text.slice(colon, end) : null;
}

/** The text without servers of which none is left, where nothing else stands on their line; or with what stood for none. */
export function withoutServers({ tree: { text, root }, servers }: Found, stub: string | null): string {
  if (!servers || root?.isFlow || servers.value.kind === "nothing" || !isBare(text, servers)) return text;
  if (stub !== null) return splice(text, [{ start: servers.colon, end: servers.end, text: stub }]);
  const lines = linesOf(text, servers);
  const beside = text.slice(lines.start, servers.start) + text.slice(servers.end, lines.end);
  return beside.trim() === "" ? splice(text, [cut(text, lines)]) : text;
}

/** Lines go with their end; the last ones of a text that does not end a line, with that of the line before. */
function cut(text: string, { start, end }: Range): Edit {
  const isUnended = end === text.length && !/[\r\n]$/.test(text);
  const before = isUnended ? (/(?:\r\n|\n|\r)$/.exec(text.slice(0, start))?.[0].length ?? 0) : 0;
  return { start: start - before, end, text: "" };
}

/** Where the entry stands: whole lines, or between brackets with what separates it; and the way to it where nothing else is there. */
export function oursIn({ tree: { text }, servers, entry }: Found): readonly Range[] {
  if (!servers) return [];
  const { value, start, colon } = servers;
  const ours = entry ? [value.isFlow ? fromBrackets(text, value, entry) : linesOf(text, entry)] : [];
  const isAlone = value.members.length === ours.length && (value.kind === "nothing" || value.isFlow || ours.length > 0);
  if (!isAlone) return ours;
  const brackets = value.isFlow
    ? [
        { start: value.start, end: value.start + 1 },
        { start: value.end - 1, end: value.end },
      ]
    : value.kind === "nothing"
      ? [{ start: value.start, end: value.end }]
      : [];
  return [{ start, end: colon }, ...brackets, ...ours];
}

const IN_BRACES: Refused = { fault: "all of it is written in braces, and it has no servers yet" };
const ODD: Refused = { fault: "its servers are not written each on lines of their own" };

function memberAt(entry: Member | undefined, keys: readonly string[]): Member | undefined {
  let at = entry;
  for (const key of keys) at = at?.value.members.find((each) => each.key === key);
  return at;
}

/** What stands before a member on its line, where that is nothing but white space; of an item of a list before its dash. */
function indentOf(text: string, { start }: Member, isItem: boolean): string | undefined {
  const before = text.slice(lineStart(text, start), start);
  return (isItem ? /^([ \t]*)-[ \t]+$/ : /^([ \t]*)$/).exec(before)?.[1];
}

function linesOf(text: string, { start, end }: Range): Range {
  return { start: lineStart(text, start), end: isAtLineStart(text, end) ? end : behindBreak(text, lineEnd(text, end)) };
}

/** A text of several lines ends behind its last line break. */
function isAtLineStart(text: string, at: number): boolean {
  return at > 0 && /[\r\n]/.test(text[at - 1] ?? "");
}

function lineBehind(text: string, end: number, lines: string, { eol }: Layout): Edit {
  const at = isAtLineStart(text, end) ? end : behindBreak(text, lineEnd(text, end));
  const isUnended = at === text.length && !isAtLineStart(text, at);
  return { start: at, end: at, text: isUnended ? `${eol}${lines}` : `${lines}${eol}` };
}

function replacement(text: string, { colon, value: old, start }: Member, value: unknown, layout: Layout): Edit {
  if (old.kind === "nothing") return { start: colon, end: Math.max(colon, old.end), text: ` ${writeInline(value)}` };
  const lineBreak = isAtLineStart(text, old.end) ? (/\r?\n?$/.exec(text.slice(0, old.end))?.[0].length ?? 0) : 0;
  const end = old.end - lineBreak;
  if (old.isFlow) return { start: old.start, end, text: JSON.stringify(value) };
  if (old.kind === "scalar") return { start: old.start, end, text: writeInline(value) };
  const indent = " ".repeat(start - lineStart(text, start));
  return { start: colon, end, text: writeBehind(value, indent, layout) };
}

/** Behind the last one in brackets, or before the closing one. */
function inBrackets({ members, end }: Value, written: string): Edit {
  const last = members.at(-1);
  return last
    ? { start: last.end, end: last.end, text: `, ${written}` }
    : { start: end - 1, end: end - 1, text: written };
}

function fromBrackets(text: string, { members, end }: Value, entry: Member): Edit {
  const at = members.indexOf(entry);
  const [before, next] = [members[at - 1], members[at + 1]];
  if (before) return { start: before.end, end: entry.end, text: "" };
  const comma = /^\s*,/.exec(text.slice(entry.end, end))?.[0].length ?? 0;
  return { start: entry.start, end: next?.start ?? entry.end + comma, text: "" };
}

/** One step deeper, told by the first map in the file. */
function unitOf({ text, root }: Tree): string {
  const nested = root?.members.find(({ value }) => value.kind === "map" && !value.isFlow && value.members.length > 0);
  const first = nested?.value.members[0];
  const width =
    nested && first ? first.start - lineStart(text, first.start) - (nested.start - lineStart(text, nested.start)) : 2;
  return " ".repeat(width > 0 && width <= 8 ? width : 2);
}
