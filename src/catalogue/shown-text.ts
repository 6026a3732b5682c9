import { seenText, unseenIn } from "../base/visible.ts";
import { type Draft, within } from "./draft.ts";
import { type MappingNode, type Node, child } from "./node.ts";
import type { Range } from "./source.ts";

/** The text of a key as clients are shown it, without what nobody sees, which is warned about. */
export function shownText(draft: Draft, key: string): string {
  warnUnseen(draft, draft.node, key);
  return seenText(draft.text(key));
}

const MOST_NAMED = 5;

/** What is shown as it is may not hold what the readers of the file do not see, which is an error; an escape they see. */
export function checkSeen(draft: Draft, what: string, ranges: readonly Range[]): void {
  for (const range of ranges) {
    const unseen = unseenIn(draft.source.text.slice(range.start, range.end)).filter((each) => !/\p{Cc}/u.test(each));
    const [first] = unseen;
    if (first === undefined) continue;
    draft.error(
      within(draft, range, first),
      "invisible-value",
      `${what} holds what nobody sees (${namesOf(unseen)}), and models are shown it`,
      'remove it, or write it as an escape in double quotes, such as "\\u200B"',
    );
  }
}

/** Where the texts of a node stand, its keys among them. */
export function rangesIn(node: Node): readonly Range[] {
  if (node.kind === "scalar") return [node];
  if (node.kind === "sequence") return node.items.flatMap(rangesIn);
  return Array.from(node.entries.values()).flatMap(({ key, value }) => [[key], rangesIn(value)].flat());
}

/** A model reads what the people who judge a text do not see. */
export function warnUnseen(draft: Draft, node: MappingNode, key: string): void {
  const value = child(node, key);
  if (value?.kind !== "scalar" || typeof value.value !== "string" || draft.isBroken(value)) return;
  const unseen = unseenIn(value.value);
  const [first] = unseen;
  if (first === undefined) return;
  draft.warn(
    within(draft, value, first),
    "invisible",
    `\`${key}\` holds what nobody sees (${namesOf(unseen)}); clients are shown it without`,
    "remove it",
  );
}

function namesOf(characters: readonly string[]): string {
  return `${characters.slice(0, MOST_NAMED).map(nameOf).join(", ")}${characters.length > MOST_NAMED ? " and more" : ""}`;
}

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
