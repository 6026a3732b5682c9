import type { Argument, Command as Parser, Option } from "commander";
import type { Command } from "../../command/command.ts";
import { VERB_OPTIONS } from "../words.ts";
import { type Candidate, NOTHING, type Offer, offer, offerValues, optionCandidates } from "./candidate.ts";
import { type Line, calledIn, optionNamed, readLine } from "./line.ts";
import { isSwitch, parameterCandidates, parameterValues } from "./parameters.ts";
import { knownValues } from "./values.ts";

/** What the words of a line are understood by. */
export interface Sources {
  /** The command line as it is declared. */
  readonly grammar: Parser;
  /** The commands of the catalogue that the options before the cursor lead to; none where it cannot be used. */
  commands(given: ReadonlyMap<string, string>): Promise<readonly Command[]>;
}

/** What the last of some words, which follow `mcpfier`, may become. */
export async function offerFor(words: readonly string[], sources: Sources): Promise<Offer> {
  const current = words.at(-1) ?? "";
  const line = readLine(words.slice(0, -1), sources.grammar);
  const { candidates, own } = await atCursor(line, current, sources);
  return { candidates: candidates.filter(({ value }) => value.startsWith(current)), own };
}

async function atCursor(line: Line, current: string, sources: Sources): Promise<Offer> {
  const { verb, pending } = line;
  if (pending) return valuesOf(pending, verb, current);
  const [, option, value] = /^(--?[^=]+)=(.*)$/s.exec(current) ?? [];
  if (option !== undefined && value !== undefined) {
    const { candidates, own } = await attachedValues(line, option, value, sources);
    return { candidates: candidates.map(({ value: one, meaning }) => ({ value: `${option}=${one}`, meaning })), own };
  }
  if (!verb) return firstWord(line, current, sources);
  const tool = calledIn(line);
  const command = tool === undefined ? undefined : await findCommand(line, tool, sources);
  if (command) return inCall(line, command, current);
  if (current.startsWith("-")) return offer(optionCandidates([...verb.options, ...sources.grammar.options]));
  return argument(line, verb, sources);
}

async function firstWord({ given }: Line, current: string, { grammar, commands }: Sources): Promise<Offer> {
  if (current.startsWith("-")) {
    const spellings = VERB_OPTIONS.map((value) => ({ value, meaning: "the same as the verb" }));
    return offer([...optionCandidates(grammar.options), ...spellings]);
  }
  const verbs = grammar.commands.filter((each) => !each.name().startsWith("_"));
  const candidates = verbs.map((each) => ({ value: each.name(), meaning: each.summary() }));
  const taken = new Set(candidates.map(({ value }) => value));
  const tools = (await commands(given)).map(nameOf).filter(({ value }) => !taken.has(value));
  return offer([...candidates, ...tools]);
}

/** Behind the name of a command: its parameters, and the value of the last one that stands there. */
function inCall({ verb, rest }: Line, command: Command, current: string): Offer {
  const last = rest.at(-1) ?? "";
  const isOpen = /^--[^=]+$/.test(last) && !isSwitch(command, last) && !current.startsWith("--");
  const values = isOpen ? parameterValues(command, last) : undefined;
  if (values) return values;
  const options = current.startsWith("-") ? optionCandidates(verb?.options ?? []) : [];
  const parameters = parameterCandidates(command, rest);
  const taken = new Set(options.map(({ value }) => value));
  return offer([...parameters.filter(({ value }) => !taken.has(value)), ...options]);
}

async function attachedValues(line: Line, option: string, typed: string, sources: Sources): Promise<Offer> {
  const declared = optionNamed(option, line.verb, sources.grammar);
  if (declared) return valuesOf(declared, line.verb, typed);
  const tool = calledIn(line);
  const command = tool === undefined ? undefined : await findCommand(line, tool, sources);
  if (!command) return NOTHING;
  return isSwitch(command, option) ? offerValues([true, false]) : (parameterValues(command, option) ?? NOTHING);
}

async function valuesOf({ long, flags, argChoices }: Option, verb: Parser | undefined, typed: string): Promise<Offer> {
  if (argChoices) return offerValues(argChoices);
  const known = await knownValues(verb?.name() ?? "", long ?? "", typed);
  return known ? offer(known) : ofKind(flags);
}

async function argument(line: Line, verb: Parser, sources: Sources): Promise<Offer> {
  const { registeredArguments } = verb;
  const declared: Argument | undefined = registeredArguments[line.words.length] ?? registeredArguments.at(-1);
  if (!declared || (line.words.length >= registeredArguments.length && !declared.variadic)) return NOTHING;
  if (declared.argChoices) return offerValues(declared.argChoices);
  if (declared.name() === "command") return offer((await sources.commands(line.given)).map(nameOf));
  return ofKind(`<${declared.name()}>`);
}

/** A file or folder, as the declaration calls it. */
function ofKind(declaration: string): Offer {
  if (/<(?:file|files|path)>/.test(declaration)) return { candidates: [], own: "files" };
  return { candidates: [], own: declaration.includes("<folder>") ? "folders" : null };
}

async function findCommand({ given }: Line, tool: string, { commands }: Sources): Promise<Command | undefined> {
  return (await commands(given)).find(({ name }) => name === tool);
}

function nameOf({ name, title, description }: Command): Candidate {
  return { value: name, meaning: title || description };
}
