import { stripVTControlCharacters } from "node:util";

/** East Asian wide and fullwidth (Unicode's EastAsianWidth, W and F), and what is shown as a picture. */
const WIDE =
  /^(?:[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1B000}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}|.\uFE0F)/u;
const NONE = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;

/** How many columns of a terminal a text takes; colours take none. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (/^[ -~]*$/.test(plain)) return plain.length;
  return Array.from(graphemesOf(plain), ({ segment }) => widthOfOne(segment)).reduce((sum, one) => sum + one, 0);
}

/** A text without colours that takes so many columns at most; what is missing is told by `…`. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const { segment } of graphemesOf(text)) {
    width += widthOfOne(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return columns <= 0 ? "" : `${kept.trimEnd()}…`;
}

/** The same with spaces behind it. */
export function padded(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

/** The lines of a text without colours, broken between words; a word that is longer than a line stays whole. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((each) => each !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.length === 0 ? [""] : lines;
}

function widthOfOne(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2;
  return NONE.test(grapheme) ? 0 : 1;
}

let segmenter: Intl.Segmenter | undefined;

/** Made when it is first needed: no start of a server does. */
function graphemesOf(text: string): Iterable<Intl.SegmentData> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return segmenter.segment(text);
}
