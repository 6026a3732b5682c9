import { type Edit, type Range, isWithin } from "../splice.ts";
import type { Member, Text, Value } from "./jsonc.ts";
import { LAST_LINE, leadOf } from "./layout.ts";

/** What `insertion` put there goes; comments stay, each on a line of its own where it would run into another. */
export function removal(source: Text, from: Value, member: Member): Edit[] {
  const { text, comments, commas } = source;
  const others = (from.members ?? []).filter((each) => each !== member);
  const isCommented = comments.some((each) => isWithin(each, from) && !isWithin(each, member));
  if (others.length === 0 && !isCommented) return [emptied(text, from, member)];
  const next = others.find((each) => each.start > member.start);
  const comma = commas.find((each) => each >= member.end && each < (next?.start ?? from.end));
  const last = { start: member.start, end: member.end, text: "" };
  if (comma === undefined) {
    const previous = others.findLast((each) => each.start < member.start);
    const joint = commas.find((each) => previous && each >= previous.end && each < member.start);
    const edit = { ...last, ...widened(source, from, member) };
    return joint === undefined ? [edit] : [{ start: joint, end: joint + 1, text: "" }, edit];
  }
  const behind = { start: comma, end: comma + 1, text: "" };
  if (comments.some((each) => each.start >= member.end && each.end <= comma)) return [last, behind];
  return [{ ...last, ...widened(source, from, { start: member.start, end: behind.end }) }];
}

/** Of white space alone, that before the last line of it was there first. */
function emptied(text: string, { start, end }: Value, member: Member): Edit {
  const before = text.slice(start + 1, member.start);
  const line = before.search(LAST_LINE);
  return { start: start + 1, end: end - 1, text: line < 0 ? before : before.slice(0, line) };
}

/** The range with the white space that leads to it; or, where something else is left on its line, with that up to there. */
function widened(source: Text, from: Value, { start, end }: Range): Range {
  const { text, comments } = source;
  const lead = leadOf(source, start);
  const rest = /^[^\r\n]*/.exec(text.slice(end, from.end - 1))?.[0] ?? "";
  const isOneLine = !/[\r\n]/.test(text.slice(lead, start));
  // What followed a comment of a line on that line would become a part of it.
  const isBehindLine = comments.some((each) => each.end === lead && text.startsWith("//", each.start));
  const isAtEnd = end + rest.length === from.end - 1;
  if (isOneLine) return { start: lead, end };
  if (rest.trim() !== "") return { start, end: end + rest.search(/\S/) };
  if (!isBehindLine) return { start: lead, end };
  return { start: isAtEnd ? start : lead, end: end + rest.length };
}
