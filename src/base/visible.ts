import { withoutSequences } from "./text.ts";

/**
 * What a reader does not see as it is: controls, format and bidirectional characters, what Unicode lets programs ignore, lone
 * surrogates, unassigned and private characters, the blank of Braille, and every space and line end but U+0020.
 */
const unseen = (): RegExp => /[\p{C}\p{DI}\p{Zl}\p{Zp}\u2800]|(?! )\p{Zs}/gu;

const LETTERS = "Arab Syrc Nkoo Mong Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr Tibt"
  .split(" ")
  .map((script) => String.raw`\p{sc=${script}}`)
  .join("");
/** What is not seen itself and has its place: signs that Unicode files under format, the look of an emoji, and what joins. */
const MEANT = [
  String.raw`[\t\n\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2]`,
  String.raw`(?<=\p{Emoji})[\uFE0E\uFE0F]`,
  String.raw`(?<=\p{ExtPict}[\uFE0F\p{EMod}]?)\u200D(?=\p{ExtPict})`,
  String.raw`(?<=[${LETTERS}])[\u200C\u200D](?=[${LETTERS}])`,
].join("|");
let hidden: RegExp | undefined;

/** Made when it is first asked for, as every start of a server loads this file: looking its scripts up takes a millisecond. */
function hiddenText(): RegExp {
  return (hidden ??= new RegExp(String.raw`(?!${MEANT})[\p{Cc}\p{Cf}\p{Cs}\p{DI}]`, "gu"));
}

/**
 * A text as people see it: terminal sequences, controls, bidirectional and zero-width characters, tags and whatever else Unicode
 * lets programs ignore are gone, but for joiners inside emoji and in scripts that need them.
 */
export function seenText(text: string): string {
  return withoutSequences(text).replaceAll(hiddenText(), "");
}

/** The characters that `seenText` takes away, each once. */
export function unseenIn(text: string): readonly string[] {
  return [...new Set(text.replaceAll("\r\n", "\n").match(hiddenText()))];
}

/**
 * A value inside a sentence for people. It stands in quotes, with what cannot be seen written as `\u{...}`, where it could
 * pass for something else: where it begins or ends with a space, or holds a quote, a backslash, the beginning of a tag or a
 * character that cannot be seen.
 */
export function visibleText(text: string): string {
  if (/^[^\s"\\<](?:[^"\\<]*[^\s"\\<])?$/u.test(text) && text.search(unseen()) < 0) return text;
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll(unseen(), (one) => `\\u{${hex(one)}}`)}"`;
}

/** One word of a shell's line, for reading only, in one line whatever it holds: what cannot be seen stands in `$'...'`. */
export function visibleWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (text.search(unseen()) < 0) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  return `$'${text.replaceAll(/['\\]/g, String.raw`\$&`).replaceAll(unseen(), escape)}'`;
}

function escape(character: string): string {
  if (character === "\n") return String.raw`\n`;
  if (character === "\t") return String.raw`\t`;
  const code = hex(character);
  return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
