// The manual page, from the verbs and options as they are declared. `npm run docs` writes it.
import { join } from "node:path";
import { type Argument, Command as Parser, type Option } from "commander";
import { EXIT_CODES, createParser } from "../src/cli/program.ts";
import { registry } from "../src/cli/registry.ts";
import type { Verb } from "../src/cli/verb.ts";
import { wrapped } from "../src/cli/width.ts";
import { VERB_OPTIONS, withVerb } from "../src/cli/words.ts";

export const MAN = join(import.meta.dirname, "../man/mcpfier.1");

/** The whole page in the macros of man(7). */
export function manPage(): string {
  const { stdout, stderr } = process;
  const grammar = createParser({ stdout, stderr, version: "" });
  const verbs = registry.filter((verb) => verb.isHidden !== true);
  return `${[
    String.raw`.\" Written by 'npm run docs' from the verbs and options of the program.`,
    ".TH MCPFIER 1 2026-11-21 mcpfier",
    ".SH NAME",
    String.raw`mcpfier \- serve commands to language models as tools, over MCP`,
    ".SH SYNOPSIS",
    ".B mcpfier",
    String.raw`.RI [ options ] " verb " [ arguments ]`,
    ".br",
    ".B mcpfier",
    String.raw`.RI [ options ] " command " [ \-\-name " value" " ...]"`,
    ".SH DESCRIPTION",
    roff(grammar.description()),
    roff("The catalogue names each command with its argv list, its parameters and what it may use."),
    roff("Without a verb it serves the catalogue; with the name of a command it runs that."),
    ".SH OPTIONS",
    ...grammar.options.flatMap(optionLines),
    ".SH VERBS",
    ...verbs.flatMap(verbLines),
    ".SH EXIT STATUS",
    EXIT_CODES.map(roff).join("\n.PP\n"),
    ".SH ENVIRONMENT",
    ...tagged("MCPFIER_CONFIG", "the catalogue, where --config names none"),
    ...tagged("NO_COLOR, FORCE_COLOR", "whether messages have colours, where --color is auto"),
    ...tagged("XDG_CACHE_HOME, XDG_STATE_HOME", "where checked catalogues and the records of calls are kept"),
    ...tagged("DOCKER_HOST", "the container engine, where the catalogue names none"),
    ".SH FILES",
    ...tagged("mcpfier.yaml", "the catalogue, in the working directory, ~/.mcpfier, ~/mcpfier or /etc/mcpfier"),
    ".SH SEE ALSO",
    roff(
      "The language of catalogues and everything else is described in docs/README.md of the package, and the keys of a catalogue in schemas/mcpfier.schema.json.",
    ),
  ].join("\n")}\n`;
}

function verbLines(verb: Verb): readonly string[] {
  const parser = new Parser(verb.name);
  verb.declare(parser);
  const spellings = VERB_OPTIONS.filter((option) => {
    const [name, ...more] = withVerb([option]);
    return name === verb.name && more.length === 0;
  });
  const also = spellings.length === 0 ? "" : ` Also spelt ${spellings.join(", ")}.`;
  const words = [verb.name, ...parser.registeredArguments.map(argumentText)].join(" ");
  return [
    `.SS ${roff(words)}`,
    roff(`${verb.summary.charAt(0).toUpperCase()}${verb.summary.slice(1)}.${also}`),
    ...parser.registeredArguments.flatMap((each) => tagged(argumentText(each), each.description)),
    ...parser.options.filter(({ hidden }) => !hidden).flatMap(optionLines),
    ...tagged("Example:", verb.example),
  ];
}

/** An argument as a line of usage has it. */
export function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? name : `[${name}]`;
}

function optionLines(option: Option): readonly string[] {
  return tagged(option.flags, optionText(option));
}

/** What an option means, with its choices and its default. */
export function optionText({ description, argChoices, defaultValue }: Option): string {
  const choices = argChoices ? ` (one of ${argChoices.join(", ")})` : "";
  const value = defaultValue === undefined || typeof defaultValue === "boolean" ? "" : ` [${String(defaultValue)}]`;
  return `${description}${choices}${value}`;
}

function tagged(tag: string, text: string): readonly string[] {
  return [".TP", `.B ${roff(tag)}`, roff(text)];
}

/** Text as roff takes it: short lines, no escapes, no macro at the start of a line, and dashes that can be copied. */
function roff(text: string): string {
  return wrapped(text.replaceAll("`", ""), 76)
    .map((line) => line.replaceAll("\\", String.raw`\e`).replaceAll("-", String.raw`\-`))
    .map((line) => (/^[.']/.test(line) ? String.raw`\&${line}` : line))
    .join("\n");
}
