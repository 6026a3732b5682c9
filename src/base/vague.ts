const PLACEHOLDER = /^\W*(?:todo|tbd|fixme|xxx|description|placeholder|n\/a|none|tests?)\W*$|^\W*lorem ipsum\b/i;
/** As people mark what they have still to write; `Todo items` is a description. */
const MARK = /^\W*(?:TODO|TBD|FIXME|XXX)\b/;
/** Words that every tool could have. */
const EMPTY = new Set(
  wordsOf(
    "a an the this that it its of to for in on by with and or is are does do runs running executes calls invokes uses performs commands tools script program function utility helper description placeholder mcp",
  ),
);

/** Whether a description tells a model no more than `names` do: those of the command, its title and its program. */
export function isVague(description: string, names: readonly string[]): boolean {
  if (PLACEHOLDER.test(description) || MARK.test(description)) return true;
  const known = new Set(names.flatMap(wordsOf));
  return wordsOf(description).every((word) => EMPTY.has(word) || known.has(word));
}

/** The stems, roughly: `lists` is `list`. */
function wordsOf(text: string): readonly string[] {
  const words =
    text
      .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => (word.length > 3 ? word.replace(/(?:es|s)$/, "") : word));
}
