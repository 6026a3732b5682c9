import type { Edit } from "../splice.ts";
import type { Member, Text, Value } from "./jsonc.ts";
import { indentAt, inline, layoutOf, leadOf, pretty } from "./layout.ts";

interface Added {
  readonly key: string;
  readonly value: unknown;
}

/** A new member of an object goes behind the others, laid out like the last of them. */
export function insertion(source: Text, into: Value, added: Added): Edit[] {
  const last = into.members?.at(-1);
  return last ? behind(source, into, last, added) : [only(source, into, added)];
}

/** What separates the members stays with them, and so does the comment that ends the line of the last one. */
function behind(source: Text, into: Value, last: Member, added: Added): Edit[] {
  const { text, comments, commas } = source;
  const comma = commas.find((each) => each >= last.end && each < into.end);
  let at = comma === undefined ? last.end : comma + 1;
  let isBehindLine = false;
  for (const each of comments.filter(({ start }) => start >= at && start < into.end)) {
    if (/[\r\n]/.test(text.slice(at, each.start))) break;
    at = each.end;
    isBehindLine = text.startsWith("//", each.start);
  }
  const lead = text.slice(leadOf(source, last.start), last.start);
  const written = write(source, added, isBehindLine && !/[\r\n]/.test(lead) ? below(source, into) : lead);
  const place = { start: at, end: at, text: `${written}${comma === undefined ? "" : ","}` };
  return comma === undefined ? [{ start: last.end, end: last.end, text: "," }, place] : [place];
}

/** White space that was there goes before the member, so that `removal` can tell it from what is put behind it. */
function only(source: Text, into: Value, added: Added): Edit {
  const { text, root, comments } = source;
  const comment = comments.findLast((each) => each.start > into.start && each.end < into.end);
  const at = comment?.end ?? into.end - 1;
  const isOneLine = !/[\r\n]/.test(text.trim()) && root !== null && (root.members ?? []).length > 0;
  if (!comment && isOneLine) return { start: at, end: at, text: write(source, added, "") };
  const written = write(source, added, below(source, into));
  const closing = comment ? "" : `${layoutOf(source).eol}${indentAt(text, into.start)}`;
  return { start: at, end: at, text: `${written}${closing}` };
}

function below(source: Text, { start }: Value): string {
  const { eol, unit } = layoutOf(source);
  return `${eol}${indentAt(source.text, start)}${unit}`;
}

/** A member behind the white space that leads to it; without a line break there, it has none either. */
function write(source: Text, { key, value }: Added, lead: string): string {
  const isInline = !/[\r\n]/.test(lead);
  const indent = lead.replace(/^[\r\n]+/, "");
  const written = isInline ? inline(value) : pretty(value, { ...layoutOf(source), indent });
  return `${lead}${JSON.stringify(key)}:${lead === "" ? "" : " "}${written}`;
}
