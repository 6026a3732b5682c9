import { plainText } from "../base/text.ts";
import { oneLine } from "./words.ts";

/** What a program's help says of it, as far as it was understood. */
export interface HelpText {
  /** Each form of its command line, in one line. */
  readonly usage: readonly string[];
  readonly options: readonly HelpOption[];
  /** Those of which one is needed, as the heading above them says. */
  readonly modes: readonly string[];
  readonly subcommands: readonly { readonly name: string; readonly text: string }[];
  /** The names in its list of operands. */
  readonly operands: ReadonlySet<string>;
  /** Lines that tell of options in a way that was not understood. */
  readonly strange: readonly string[];
}

export interface HelpOption {
  /** As it is written: `--max-count` or `-C`. */
  readonly option: string;
  /** What stands for its value; empty where it takes none. */
  readonly value: string;
  /** Whether `=` stands before its value, which otherwise is a word of its own. */
  readonly isJoined: boolean;
  readonly text: string;
}

const ITEM = /^\s{1,8}([a-z][\w-]*)(?:(?:,| \|) [a-z][\w-]*)*\*?(?:\s{2,}|\t+|\s+- )(\S.*)$/;
const LIST = /^\s{2,}(?:[a-z][\w-]*,\s*)+(?:[a-z][\w-]*)?\s*$/;
const OPERANDS = /^(?:positional )?(?:arguments|args|operands):?\s*$/i;
/** Also such as are not understood, to be listed. */
const OPTION = /^\s{0,12}(-(?:- ?)?(?:\[no-\])?[^\s>-][^\t]*?)(?:\s{2,}(\S.*)|\t+(.*)|\s*)$/;

const HEADING = /^ ?[A-Z][^:]*:\s*$/;
const MODES = /\boperation modes?\b/i;

export function parseHelp(text: string): HelpText {
  // Manuals print bold letters twice.
  const lines = plainText(text.replaceAll(new RegExp(".\b", "g"), ""))
    .split("\n")
    .slice(0, MOST_LINES);
  const { options, modes, strange } = optionsIn(lines);
  return {
    usage: usageOf(lines),
    options: options.map((option) => withValue(option, text)),
    modes,
    ...namesIn(lines),
    strange,
  };
}

function optionsIn(lines: readonly string[]): Pick<HelpText, "options" | "modes" | "strange"> {
  const options = new Map<string, HelpOption>();
  const modes: string[] = [];
  let isMode = false;
  const strange = new Set<string>();
  // Where descriptions stand below their options; what begins with a dash there is prose.
  let column = Infinity;
  for (const [index, line] of lines.entries()) {
    if (/^\S/.test(line)) column = Infinity;
    if (HEADING.test(line)) isMode = MODES.test(line);
    const option = indentOf(line) < column ? OPTION.exec(line) : null;
    if (!option) continue;
    const texts = [option[2] ?? option[3] ?? "", ...below(lines, index)];
    column = texts[0] === "" && texts[1] !== undefined ? indentOf(texts[1]) : Infinity;
    const read = readOption(option[1] ?? "", texts);
    if (!read) strange.add(oneLine(line, 60));
    else if (!options.has(read.option)) options.set(read.option, read);
    if (read && isMode) modes.push(read.option);
  }
  return { options: [...options.values()], modes, strange: [...strange] };
}

/** The lists of subcommands and of operands. */
function namesIn(lines: readonly string[]): Pick<HelpText, "subcommands" | "operands"> {
  const subcommands = new Map<string, string>();
  const operands = new Set<string>();
  let [isListing, isOperands] = [false, false];
  for (const line of lines) {
    if (/^\S/.test(line)) isOperands = OPERANDS.test(line);
    isListing = listsCommands(line, isListing);
    if (OPTION.test(line)) continue;
    if (isOperands) operands.add(/^\s+([a-z][\w-]*)(?:\s{2,}|$)/.exec(line)?.[1] ?? "");
    else if (isListing)
      for (const [name, told] of subcommandsIn(line)) subcommands.set(name, subcommands.get(name) || told);
  }
  return { subcommands: Array.from(subcommands, ([name, told]) => ({ name, text: told })), operands };
}

/** Some tell only in the usage that an option takes a value. */
function withValue(option: HelpOption, text: string): HelpOption {
  if (option.value !== "") return option;
  const name = option.option.replaceAll(".", String.raw`\.`);
  const [, sign, value = ""] = new RegExp(String.raw`[\s[|(]${name}([ =])(<[^<>\n]{1,80}>)`).exec(text) ?? [];
  return { ...option, value, isJoined: sign === "=" };
}

const MOST_LINES = 5000;

function subcommandsIn(line: string): readonly (readonly [name: string, told: string])[] {
  if (LIST.test(line)) return Array.from(line.matchAll(/[a-z][\w-]*/g), ([name]) => [name, ""] as const);
  const [, name, told = ""] = ITEM.exec(line) ?? [];
  return name === undefined ? [] : [[name, oneLine(told, 300)]];
}

/** Whether lines from here on are names of subcommands: since a heading that speaks of commands, to one of something else. */
function listsCommands(line: string, before: boolean): boolean {
  if (/^\s+\{[\w,-]+\}/.test(line)) return true;
  if (!/^\S/.test(line) || /^usage/i.test(line)) return before;
  if (/option|flag|argument|environment|example|topics|learn more/i.test(line)) return false;
  return before || /commands?\b.*:\s*$/i.test(line);
}

/** The lines that go on with the description of the option above them. */
function below(lines: readonly string[], index: number): readonly string[] {
  const indent = indentOf(lines[index] ?? "");
  const found: string[] = [];
  for (const line of lines.slice(index + 1, index + 9)) {
    if (line.trim() === "" || indentOf(line) <= indent || OPTION.test(line)) break;
    found.push(line);
  }
  return found;
}

function indentOf(line: string): number {
  return /^\s*/.exec(line.replaceAll("\t", "        "))?.[0].length ?? 0;
}

const MARK = String.raw`<[^<>]+>(?:\.\.\.)?|\{[^{}]+\}|\([^()]+\)`;
/** A name, and a value behind `=`, behind a space, or right behind it. */
const FORM = new RegExp(
  String.raw`^(--?)(?:\[no-\])?([A-Za-z0-9](?:[\w.-]*\w)?|[#?@])(?:(\[?=)(${MARK}|[^\s<>[\](){}]+)\]?| (${MARK}|\[[^[\]]+\]|[A-Z][\w:.,|/@-]*|[a-z][\w-]*)|(${MARK}|\[[^[\]=]+\]))?$`,
);

/** The longest of its spellings, and what any of them says of a value; undefined where a part of it is not understood. */
function readOption(written: string, texts: readonly string[]): HelpOption | undefined {
  const forms = written
    .replace(/:$/, "")
    .trim()
    .split(/\s*[,|]\s*(?=-)|\s+(?=--[A-Za-z])/)
    .map((form) => FORM.exec(form));
  const known = forms.filter((form) => form !== null);
  const main =
    known.find(([, dashes]) => dashes === "--") ?? known.find(([, , name = ""]) => name.length === 1) ?? known[0];
  if (!main || known.length < forms.length || isOdd(main, texts[0] === "")) return undefined;
  const [, dashes = "", name = ""] = main;
  const { value, isJoined } = valueIn([main, ...known]);
  return {
    option: `${dashes}${name}`,
    value,
    isJoined: dashes === "--" && isJoined,
    text: oneLine(texts.join(" "), 300),
  };
}

function isOdd([, dashes, name = "", equals, , spaced, attached]: RegExpExecArray, isBare: boolean): boolean {
  // A word behind a space is a value only where the description is set apart; short options take theirs as a word of its own here.
  if (spaced !== undefined && /^[a-z]/.test(spaced) && isBare) return true;
  if (dashes === "--") return false;
  // `-NUM` is any number.
  const isNone = /^(?:\W|NUM(?:BER)?|COUNT|LINES|DIGITS?)$/.test(name);
  return isNone || equals !== undefined || attached !== undefined;
}

/** What the first of its spellings that tells of a value says. */
function valueIn(forms: readonly RegExpExecArray[]): Pick<HelpOption, "value" | "isJoined"> {
  const telling = forms.find(([, , , , behind, word, right]) => behind ?? word ?? right);
  const [, , , sign, behind, word, right] = telling ?? [];
  return { value: behind ?? word ?? right ?? "", isJoined: (sign ?? right) !== undefined };
}

function usageOf(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line) => /^\s*usage\b:?/i.test(line));
  if (start < 0) return [];
  const found: string[] = [];
  const first = (lines[start] ?? "").replace(/^\s*usage:?\s*/i, "");
  if (first !== "") found.push(first);
  for (const line of lines.slice(start + 1, start + 30)) {
    // Some begin the line below their heading without an indent.
    if (line.trim() === "" || /^\s*-/.test(line) || (/^\S/.test(line) && first !== "")) break;
    const other = /^\s*or:\s*(.*)$/i.exec(line)?.[1];
    if (other !== undefined) found.push(other);
    else if (first === "") found.push(line.trim());
    else found.push(`${found.pop() ?? ""} ${line.trim()}`);
  }
  return found.map((form) => oneLine(form, 2000));
}
