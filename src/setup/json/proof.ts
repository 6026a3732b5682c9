import { isDeepStrictEqual } from "node:util";
import { isWithin } from "../splice.ts";
import type { Member, Text, Value } from "./jsonc.ts";

/**
 * Whether two texts differ in nothing but the member at the end of a path, and in objects made on the way to it: every other member is
 * written in both as in the other, character by character and in the same order, and so is every comment.
 */
export function differOnlyAt(before: Text, after: Text, keys: readonly string[]): boolean {
  const subjects = [before, after].map((text) => memberAt(text.root, keys));
  const [one, other] = [before, after].map(({ text, comments }, index) => {
    const subject = subjects[index];
    const others = comments.filter((each) => !subject || !isWithin(each, subject));
    return others.map(({ start, end }) => text.slice(start, end)).join("\n");
  });
  return one === other && sameBut([before, before.root], [after, after.root], keys);
}

type Part = readonly [text: Text, value: Value | null];

function sameBut([before, one]: Part, [after, other]: Part, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  if ((one && !one.members) || !other?.members) return one === null && other === null;
  const [old, now] = [one, other].map((value) => value?.members?.find((each) => each.key === key));
  const isKept = old !== undefined && now !== undefined;
  const had = written(before, one, (each) => each !== old || isKept, key);
  const has = written(after, other, (each) => each !== now || isKept, key);
  if (!isDeepStrictEqual(had, has)) return false;
  if (!now) return rest.length === 0 || !old;
  return sameBut([before, old?.value ?? null], [after, now.value], rest);
}

/** Members as they are written; of the one of this key only the place counts. */
function written(
  { text }: Text,
  value: Value | null,
  counts: (member: Member) => boolean,
  key: string,
): readonly string[] {
  const members = (value?.members ?? []).filter(counts);
  return members.map((each) => (each.key === key ? "" : text.slice(each.start, each.end)));
}

function memberAt(root: Value | null, keys: readonly string[]): Member | undefined {
  let member: Member | undefined;
  let at = root;
  for (const key of keys) {
    member = at?.members?.find((each) => each.key === key);
    at = member?.value ?? null;
  }
  return member;
}
