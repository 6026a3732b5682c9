import type { Command as Parser, Option } from "commander";
import { VERB_OPTIONS, withVerb } from "../words.ts";

/** What stands before the cursor, as far as it can be understood. */
export interface Line {
  /** By their long names: the values of options that stood there. */
  readonly given: ReadonlyMap<string, string>;
  /** The verb; undefined: none was written yet. */
  readonly verb: Parser | undefined;
  /** The words behind the verb that are neither options nor their values. */
  readonly words: readonly string[];
  /** All words behind the verb. */
  readonly rest: readonly string[];
  /** An option of mcpfier whose value is the word at the cursor. */
  readonly pending: Option | undefined;
}

/** Verbs whose first word is a command, and whose other options are its parameters. */
const CALLING = new Set(["run", "dry-run"]);

/** Whether a line calls a command of the catalogue, and which one. */
export function calledIn({ verb, words }: Line): string | undefined {
  return verb && CALLING.has(verb.name()) ? words[0] : undefined;
}

export function readLine(before: readonly string[], grammar: Parser): Line {
  const given = new Map<string, string>();
  const words: string[] = [];
  const todo = [...before];
  let verb: Parser | undefined;
  let rest: readonly string[] = [];
  for (let word = todo.shift(); word !== undefined; word = todo.shift()) {
    const option = optionNamed(word, verb, grammar);
    if (option && takesValue(option) && !word.includes("=")) {
      const value = todo.shift();
      if (value === undefined) return { given, verb, words, rest, pending: option };
      given.set(option.long ?? "", value);
    } else if (option) given.set(option.long ?? "", word.replace(/^[^=]*=?/s, ""));
    else if (verb === undefined && (VERB_OPTIONS.includes(word) || !word.startsWith("-"))) {
      const [name = ""] = withVerb([word]);
      verb = grammar.commands.find((each) => each.name() === name);
      rest = [...todo];
      if (name === "run" && word !== "run") words.push(word);
    } else if (!word.startsWith("-")) words.push(word);
  }
  return { given, verb, words, rest, pending: undefined };
}

/** The option of the verb or of mcpfier that a word names, with or without its value. */
export function optionNamed(word: string, verb: Parser | undefined, grammar: Parser): Option | undefined {
  if (!word.startsWith("-")) return undefined;
  const name = word.replace(/=.*/s, "");
  return [...(verb?.options ?? []), ...grammar.options].find(({ long, short }) => long === name || short === name);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}
