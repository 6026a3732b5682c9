import type { Document, Entry } from "./format.ts";
import { type Range, isWithin, splice } from "./splice.ts";

/**
 * A text for eyes: of its values those alone are shown that we write ourselves, where we write them. All else may be a secret, whatever its
 * key is called, and so may a comment. `ours` null: we write none.
 */
export function masked(document: Document, ours: Entry | null): string {
  const { text } = document;
  const known = new Set(wordsIn(ours ?? {}, []));
  const hidden = document.leaves().filter(({ keys, value }) => !keys || !known.has(wordOf(keys, value)));
  return splice(text, [
    // The text of a block goes up to the end of its last line.
    ...hidden.map(({ start, end }) => ({ start, end, text: `"…"${/\r?\n$/.exec(text.slice(start, end))?.[0] ?? ""}` })),
    ...document.comments().map(({ start, end }) => ({
      start,
      end,
      text: `${/^(?:#|\/[/*])/.exec(text.slice(start, end))?.[0] ?? ""} …`,
    })),
  ]);
}

interface Member {
  readonly key: string;
  readonly value: Range & { readonly members: readonly Member[] | null };
}

/** The keys that lead to a place below some members. */
export function keysTo(place: Range, members: readonly Member[] | null): readonly string[] {
  const keys: string[] = [];
  for (let at = members; ;) {
    const member = at?.find(({ value }) => isWithin(place, value));
    if (!member) return keys;
    keys.push(member.key);
    at = member.value.members;
  }
}

function wordsIn(value: unknown, keys: readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => wordsIn(item, keys));
  if (typeof value !== "object" || value === null) return [wordOf(keys, value)];
  return Object.entries(value).flatMap(([key, inner]) => wordsIn(inner, [...keys, key]));
}

function wordOf(keys: readonly string[], value: unknown): string {
  return JSON.stringify([keys, value]);
}
