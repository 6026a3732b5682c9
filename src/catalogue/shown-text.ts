import { seenText, unseenIn } from "../base/visible.ts";
import { type Draft, within } from "./draft.ts";
import { type MappingNode, child } from "./node.ts";

/** The text of a key as clients are shown it, without what nobody sees, which is warned about. */
export function shownText(draft: Draft, key: string): string {
  warnUnseen(draft, draft.node, key);
  return seenText(draft.text(key));
}

const MOST_NAMED = 5;

/** A model reads what the people who judge a text do not see. */
export function warnUnseen(draft: Draft, node: MappingNode, key: string): void {
  const value = child(node, key);
  if (value?.kind !== "scalar" || typeof value.value !== "string" || draft.isBroken(value)) return;
  const unseen = unseenIn(value.value);
  const [first] = unseen;
  if (first === undefined) return;
  const names = unseen.slice(0, MOST_NAMED).map(nameOf);
  const more = unseen.length > MOST_NAMED ? " and more" : "";
  draft.warn(
    within(draft, value, first),
    "invisible",
    `\`${key}\` holds what nobody sees (${names.join(", ")}${more}); clients are shown it without`,
    "remove it",
  );
}

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
