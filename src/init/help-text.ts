import { plainText } from "../base/text.ts";
import { oneLine } from "./words.ts";

/** What a program's help says of it, as far as it was understood. */
export interface HelpText {
  /** Each form of its command line, in one line. */
  readonly usage: readonly string[];
  readonly options: readonly HelpOption[];
  readonly subcommands: readonly { readonly name: string; readonly text: string }[];
}

export interface HelpOption {
  /** As it is written: `--max-count` or `-C`. */
  readonly option: string;
  /** What stands for its value; empty where it takes none. */
  readonly value: string;
  readonly text: string;
}

const ITEM = /^\s{1,8}([a-z][\w-]*)(?:(?:,| \|) [a-z][\w-]*)*\*?(?:\s{2,}|\t+|\s+- )(\S.*)$/;
const LIST = /^\s{2,}(?:[a-z][\w-]*,\s*)+(?:[a-z][\w-]*)?\s*$/;
const OPTION = /^\s{0,12}(-{1,2}(?:\[no-\])?[A-Za-z0-9][^\t]*?)(?:\s{2,}(\S.*)|\t+(.*)|\s*)$/;

export function parseHelp(text: string): HelpText {
  // Manuals print bold letters twice.
  const lines = plainText(text.replaceAll(new RegExp(".\b", "g"), ""))
    .split("\n")
    .slice(0, MOST_LINES);
  const options = new Map<string, HelpOption>();
  const subcommands = new Map<string, string>();
  let isListing = false;
  for (const [index, line] of lines.entries()) {
    isListing = listsCommands(line, isListing);
    const option = OPTION.exec(line);
    if (option) {
      const read = readOption(option[1] ?? "", [option[2] ?? option[3] ?? "", ...below(lines, index)]);
      if (read && !options.has(read.option)) options.set(read.option, read);
    } else if (isListing) {
      for (const [name, told] of subcommandsIn(line)) subcommands.set(name, subcommands.get(name) || told);
    }
  }
  return {
    usage: usageOf(lines),
    options: [...options.values()],
    subcommands: Array.from(subcommands, ([name, told]) => ({ name, text: told })),
  };
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

const FORM = /^(--?)(?:\[no-\])?([A-Za-z0-9][\w.-]*)(\[?)([= ]?)(.*)$/;

/** The longest of its spellings, and what any of them says of a value. */
function readOption(written: string, texts: readonly string[]): HelpOption | undefined {
  const forms = written
    .replace(/:$/, "")
    .split(/\s*[,|]\s*(?=-)|\s+(?=--?[A-Za-z])/)
    .map((form) => FORM.exec(form.trim()));
  const known = forms.filter((form) => form !== null);
  const main =
    known.find(([, dashes]) => dashes === "--") ?? known.find(([, , name = ""]) => name.length === 1) ?? known[0];
  if (!main) return undefined;
  const value = known.map(([, , , , , rest = ""]) => rest.replace(/\]$/, "").trim()).find((rest) => rest !== "") ?? "";
  const isSentence = /\s/.test(value) && !/^[<{([]/.test(value);
  return {
    option: `${main[1] ?? ""}${main[2] ?? ""}`,
    value: /^<[^<>]*>(?=\s)/.exec(value)?.[0] ?? (isSentence ? (value.split(/\s/)[0] ?? "") : value),
    text: oneLine(texts.join(" "), 300),
  };
}

function usageOf(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line) => /^\s*usage\b:?/i.test(line));
  if (start < 0) return [];
  const found: string[] = [];
  const first = (lines[start] ?? "").replace(/^\s*usage:?\s*/i, "");
  if (first !== "") found.push(first);
  for (const line of lines.slice(start + 1, start + 30)) {
    if (line.trim() === "" || /^(?:\S|\s*-)/.test(line)) break;
    const other = /^\s*or:\s*(.*)$/i.exec(line)?.[1];
    if (other !== undefined) found.push(other);
    else if (first === "") found.push(line.trim());
    else found.push(`${found.pop() ?? ""} ${line.trim()}`);
  }
  return found.map((form) => oneLine(form, 2000));
}
