import { isDeepStrictEqual } from "node:util";
import { insertion } from "./insertion.ts";
import type { Refused } from "../format.ts";
import { splice } from "../splice.ts";
import type { Member, Text, Value } from "./jsonc.ts";
import { inline, indentAt, layoutOf, pretty } from "./layout.ts";
import { removal } from "./removal.ts";

type Keys = readonly string[];

/** The text with a value at the end of a path of keys; what is missing on the way is made, what is equal stays as it is written. */
export function withValue(text: Text, keys: Keys, value: unknown): string | Refused {
  if (!text.root)
    return `${text.text}${unended(text)}${pretty(nested(keys, value), layoutOf(text))}${layoutOf(text).eol}`;
  const found = walk(text.root, keys);
  if ("fault" in found) return found;
  const { at, rest, member } = found;
  if (member) return isDeepStrictEqual(member.value.data(), value) ? text.text : replaced(text, member, value);
  const [key = "", ...inner] = rest;
  return splice(text.text, insertion(text, at, { key, value: nested(inner, value) }));
}

/** The text without the member at the end of a path, and without what `withValue` put around it. */
export function withoutValue(text: Text, keys: Keys): string | Refused {
  if (!text.root) return text.text;
  const found = walk(text.root, keys);
  if ("fault" in found) return found;
  return found.member ? splice(text.text, removal(text, found.at, found.member)) : text.text;
}

/** The value at the end of a path; undefined where there is none. */
export function valueAt({ root }: Text, keys: Keys): Value | undefined | Refused {
  if (!root) return undefined;
  const found = walk(root, keys);
  return "fault" in found ? found : found.member?.value;
}

interface Walked {
  readonly at: Value;
  /** What is missing below `at`. */
  readonly rest: Keys;
  readonly member: Member | undefined;
}

function walk(root: Value, keys: Keys): Walked | Refused {
  let at = root;
  for (const [depth, key] of keys.entries()) {
    if (!at.members) {
      const where = depth === 0 ? "the whole of it" : `"${keys.slice(0, depth).join(".")}"`;
      return { fault: `${where} is ${at.kind}, and an object is expected` };
    }
    const [member, ...others] = at.members.filter((each) => each.key === key);
    if (others.length > 0) return { fault: `the key "${key}" stands in it more than once` };
    if (!member || depth === keys.length - 1) return { at, rest: keys.slice(depth), member };
    at = member.value;
  }
  return { at, rest: [], member: undefined };
}

function nested(keys: Keys, value: unknown): unknown {
  return keys.reduceRight((inner, key) => ({ [key]: inner }), value);
}

function replaced({ text }: Text, { start, value: { start: from, end } }: Member, value: unknown): string {
  const layout = { ...layoutOf({ text }), indent: indentAt(text, start) };
  const isOneLine = !/[\r\n]/.test(text.slice(from, end));
  const written = isOneLine && Array.isArray(value) ? inline(value) : pretty(value, layout);
  return splice(text, [{ start: from, end, text: written }]);
}

/** The line break that a text without a value lacks. */
function unended({ text, ...rest }: Text): string {
  return text === "" || /[\r\n]$/.test(text) ? "" : layoutOf({ text, ...rest }).eol;
}
