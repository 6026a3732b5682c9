import { literal, placeOf } from "./draft.ts";

/** A line of somebody else's shell: its text, and the values that were put into it as they are. */
export type Piece = string | { readonly param: string };

export interface Program {
  /** The keys of a command that run it. */
  readonly keys: { readonly run: readonly string[] } | { readonly shell: string; readonly run: string };
  /** Parameters that stand alone in an element, where a dash would make an option of them. */
  readonly bare: ReadonlySet<string>;
}

/** The same without a shell where that is possible, else a constant script that takes its values as variables; or why neither is. */
export function programOf(pieces: readonly Piece[], shell: string): Program | string {
  const trimmed = trim(pieces);
  const words = wordsOf(trimmed);
  if (words && words.length > 0 && !words[0]?.includes("${{") && !/^\w+=/.test(words[0] ?? ""))
    return { keys: { run: words }, bare: bareIn(words) };
  return scriptOf(trimmed, shell);
}

function bareIn(words: readonly string[]): ReadonlySet<string> {
  const end = words.indexOf("--");
  const guarded = end < 0 ? words : words.slice(0, end);
  return new Set(guarded.flatMap((word) => /^\$\{\{ (\w+) \}\}/.exec(word)?.[1] ?? []));
}

function trim(pieces: readonly Piece[]): readonly Piece[] {
  return pieces
    .map((piece, index) => {
      if (typeof piece !== "string") return piece;
      const text = index === 0 ? piece.trimStart() : piece;
      return index === pieces.length - 1 ? text.trimEnd() : text;
    })
    .filter((piece) => piece !== "");
}

type Quote = "" | "'" | '"';

/** The words of a line that no shell is needed for; undefined where one is. */
function wordsOf(pieces: readonly Piece[]): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: Quote = "";
  for (const sign of pieces.flatMap((piece) => signsOf(piece))) {
    if (typeof sign !== "string") word = (word ?? "") + placeOf(sign.param);
    else if (quote === "" && /[^\S\n]/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (sign === quote || (quote === "" && /['"]/.test(sign))) {
      word ??= "";
      quote = quote === "" ? (sign as Quote) : "";
    } else if (isShell(sign, quote)) return undefined;
    else word = (word ?? "") + sign;
  }
  if (word !== undefined) words.push(word);
  return quote === "" ? words : undefined;
}

function signsOf(piece: Piece): readonly Piece[] {
  return typeof piece === "string" ? Array.from(literal(piece.replaceAll(/\\\n[ \t]*/g, " "))) : [piece];
}

function isShell(sign: string, quote: Quote): boolean {
  if (quote === "'") return false;
  return quote === '"' ? /[$`\\!]/.test(sign) : /[|&;<>()$`\\*?[\]#~!{}\n]/.test(sign);
}

/** Behind these, text becomes code again, whatever quotes stand around it. */
const CODE =
  /\b(?:eval|source|xargs|ssh|sudo|su)\b|\b(?:ba|z|da|k)?sh\s+-\w*c\b|<<|\b(?:python3?|node|perl|ruby|php)\s+-[ce]\b|\bawk\b|\bsed\b/;

function scriptOf(pieces: readonly Piece[], shell: string): Program | string {
  const all = pieces.map((piece) => (typeof piece === "string" ? piece : "")).join("");
  const hasValues = pieces.some((piece) => typeof piece !== "string");
  if (hasValues && CODE.test(all)) return "it puts values into the code of another program, which no quotes make safe";
  let script = "";
  let quote: Quote = "";
  for (const piece of pieces) {
    if (typeof piece === "string") {
      script += piece;
      quote = quoteAfter(piece, quote);
      continue;
    }
    if (quote === "" && /(?:^|[\n|&;(`]|\b(?:then|do|else))\s*$/.test(script))
      return "a value decides which program runs";
    const variable = `\${arg_${piece.param}-}`;
    script += quote === '"' ? variable : quote === "'" ? `'"${variable}"'` : `"${variable}"`;
  }
  if (script.includes("${{")) return "it holds `${{`, which is a place here";
  // Quotes around nothing, which are left of those around a value.
  const run = script.replaceAll(/''("\$\{arg_\w+-\}")''/g, "$1");
  return { keys: { shell, run: `${run}\n` }, bare: new Set() };
}

function quoteAfter(text: string, before: Quote): Quote {
  let quote = before;
  for (const [sign] of text.matchAll(/\\[\s\S]|['"]/g)) {
    if (sign.length > 1) continue;
    if (quote === "") quote = sign as Quote;
    else if (quote === sign) quote = "";
  }
  return quote;
}
