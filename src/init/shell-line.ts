import { literal, placeOf } from "./draft.ts";
import { FILTERS, PLAIN_PROGRAMS, SHELL_WORDS } from "./plain-programs.ts";
import { oneLine } from "./words.ts";

/** A line of somebody else's shell: its text, and the values that were put into it as they are. */
export type Piece = string | { readonly param: string };

export interface Program {
  /** The keys of a command that run it. */
  readonly keys: { readonly run: readonly string[] } | { readonly shell: string; readonly run: string };
  /** Parameters that begin an element, where a dash would make an option of them. */
  readonly bare: ReadonlySet<string>;
}

interface Setting {
  readonly shell: string;
  /** Parameters whose values are numbers, booleans or of a list: no text of a model's. */
  readonly harmless: ReadonlySet<string>;
}

/**
 * The same without a shell where that is possible, else a constant script that takes its values as variables; or why neither is. Values
 * go to programs of a list alone: what others make of their arguments is not known here.
 */
export function programOf(pieces: readonly Piece[], { shell, harmless }: Setting): Program | string {
  const commands = commandsOf(pieces);
  const constant = textOf(pieces);
  const reason = constant === undefined ? reasonAgainst(commands, harmless) : "";
  if (reason !== "") return reason;
  const [only, ...others] = commands;
  if (only && others.length === 0 && only.silence === "" && isProgram(textOf(only.words[0])))
    return { keys: { run: only.words.map((word) => elementOf(word)) }, bare: new Set(bareIn(only)) };
  if (constant === undefined && shell === "pwsh") return "it puts values into a script of PowerShell";
  const run = constant?.trim() ?? scriptOf(commands);
  if (run.includes("${{")) return "it holds `${{`, which is a place here";
  return { keys: { shell, run: `${run}\n` }, bare: new Set(commands.flatMap((command) => bareIn(command))) };
}

interface Command {
  /** What stands between it and the one before. */
  readonly joint: string;
  readonly words: readonly Word[];
  /** Where it sends what nobody shall read. */
  readonly silence: string;
}

type Word = readonly Piece[];

/** Stands for a value, of which a text has none. */
const HOLE = "\0";
const TOKEN = new RegExp(
  [
    String.raw`(?<blank>(?:[^\S\n]|\\\n)+)`,
    String.raw`'(?<single>[^']*)'`,
    String.raw`"(?<double>[^"$\x60\\]*)"`,
    String.raw`(?<silence>(?<=\s)(?:2>&1|2?>[ ]?/dev/null)(?=[\s;|&]|$))`,
    String.raw`(?<joint>&&|\|\||[|;\n])`,
    String.raw`(?<plain>[^\s'"|&;<>()$\x60\\*?[\]#~!{}]+)`,
  ].join("|"),
  "gy",
);

/** Simple commands and what joins them; none where a shell would do anything else. */
function commandsOf(pieces: readonly Piece[]): readonly Command[] {
  const values = pieces.filter((piece) => typeof piece !== "string").values();
  const text = pieces.map((piece) => (typeof piece === "string" ? piece.replaceAll(HOLE, "") : HOLE)).join("");
  const source = text.trim();
  const tokens = Array.from(source.matchAll(TOKEN), ({ 0: all, groups = {} }) => ({ all, groups }));
  if (tokens.map(({ all }) => all).join("") !== source) return [];
  const commands: { joint: string; words: Piece[][]; silence: string }[] = [{ joint: "", words: [], silence: "" }];
  let word: Piece[] | undefined;
  for (const { groups } of tokens) {
    const last = commands.at(-1);
    const part = groups["single"] ?? groups["double"] ?? groups["plain"];
    if (part !== undefined) {
      if (!word) {
        word = [];
        last?.words.push(word);
      }
      word.push(...part.split(/(\0)/).map((each) => (each === HOLE ? (values.next().value ?? "") : each)));
      continue;
    }
    word = undefined;
    if (groups["silence"] !== undefined && last) last.silence += ` ${groups["silence"]}`;
    const { joint } = groups;
    if (joint === undefined || (joint === "\n" && last?.words.length === 0 && /^(?:\n|;|)$/.test(last.joint))) continue;
    commands.push({ joint, words: [], silence: "" });
  }
  return commands.every(({ words }) => words.length > 0) ? commands : [];
}

/** Why these commands are not handed values, or what came of them; empty where they may be. */
function reasonAgainst(commands: readonly Command[], harmless: ReadonlySet<string>): string {
  if (commands.length === 0)
    return "its shell does more with values than hand them to programs, which no quotes make safe";
  const isFree = (word: Word): boolean => word.some((piece) => typeof piece !== "string" && !harmless.has(piece.param));
  let isFed = false;
  for (const { joint, words } of commands) {
    const [first, ...rest] = words;
    const name = textOf(first);
    if (name === undefined) return "a value decides which program runs";
    if (SHELL_WORDS.has(name) || !/^[\w./+-]+$/.test(name))
      return `its shell's \`${oneLine(name, 40)}\` is not understood`;
    const isGiven = rest.some(isFree);
    isFed = joint === "|" && isFed;
    const reason = isGiven ? reasonAgainstWords(name, rest, isFree) : isFed ? reasonAgainstFeeding(name, rest) : "";
    if (reason !== "") return reason;
    isFed ||= isGiven;
  }
  return "";
}

/** What reads values from its stdin gets no word that makes more of them than data. */
function reasonAgainstFeeding(name: string, words: readonly Word[]): string {
  const filter = FILTERS.get(name);
  if (!filter)
    return PLAIN_PROGRAMS.has(name)
      ? reasonAgainstWords(name, words, () => false)
      : `it writes values to \`${oneLine(name, 40)}\`, which is not known to read nothing but data`;
  const odd = words.find((word) => !filter.test(startOf(word)));
  return odd ? `it writes values to \`${oneLine(name, 40)}\` beside \`${oneLine(startOf(odd), 40)}\`` : "";
}

function reasonAgainstWords(name: string, words: readonly Word[], isFree: (word: Word) => boolean): string {
  const called = `it puts values into \`${oneLine(name, 40)}\``;
  const options = PLAIN_PROGRAMS.get(name);
  if (!options) return `${called}, which is not known to take nothing but data`;
  const end = words.findIndex((word) => textOf(word) === "--");
  const dashed = (end < 0 ? words : words.slice(0, end)).filter((word) => startOf(word).startsWith("-"));
  const odd = dashed.find((word) => isFree(word) || !options.test(startOf(word)));
  return odd ? `${called} in or beside the option \`${oneLine(startOf(odd), 40)}\`` : "";
}

function isProgram(name: string | undefined): boolean {
  return name !== undefined && name !== "" && !name.includes("=") && !SHELL_WORDS.has(name);
}

/** The text of a word; undefined where it holds values. */
function textOf(word: Word = []): string | undefined {
  return word.every((piece) => typeof piece === "string") ? word.join("") : undefined;
}

/** What a word begins with, up to its first value. */
function startOf(word: Word): string {
  const end = word.findIndex((piece) => typeof piece !== "string");
  return textOf(end < 0 ? word : word.slice(0, end)) ?? "";
}

function bareIn({ words }: Command): readonly string[] {
  const end = words.findIndex((word) => textOf(word) === "--");
  const open = end < 0 ? words : words.slice(0, end);
  // Each of several may be left out, so that the next begins the element.
  return open.flatMap((word) =>
    startOf(word) === "" ? word.flatMap((piece) => (typeof piece === "string" ? [] : [piece.param])) : [],
  );
}

function elementOf(word: Word): string {
  return word.map((piece) => (typeof piece === "string" ? literal(piece) : placeOf(piece.param))).join("");
}

function scriptOf(commands: readonly Command[]): string {
  return commands
    .map(({ joint, words, silence }) => {
      const line = words.map((word) => word.map(quoted).join("") || "''").join(" ");
      return `${joint === "" || /[\n;]/.test(joint) ? joint : ` ${joint} `}${line}${silence}`;
    })
    .join("");
}

function quoted(piece: Piece): string {
  if (typeof piece !== "string") return `"\${arg_${piece.param}-}"`;
  return piece === "" || /^[\w./:=,@%+-]+$/.test(piece) ? piece : `'${piece.replaceAll("'", String.raw`'\''`)}'`;
}
