// The verbs and their options as a page of docs/, from their declarations. `npm run docs` writes it.
import { Command as Parser, type Option } from "commander";
import { createParser } from "../src/cli/program.ts";
import { registry } from "../src/cli/registry.ts";
import type { Verb } from "../src/cli/verb.ts";
import { argumentText, optionText } from "./man.ts";

/** The page that tells what a verb is for, and its title there; the options of `setup` stand on that page alone. */
const VERB_PAGES: Readonly<Record<string, readonly [page: string, title: string]>> = {
  serve: ["http.md", "over HTTP"],
  run: ["outcomes.md", "outcomes and exit codes"],
  init: ["init.md", "a first catalogue"],
  setup: ["setup.md", "registering in MCP clients"],
  clients: ["setup.md#clients", "clients"],
  list: ["resources.md", "resources and prompts"],
  explain: ["explain.md", "what a command means"],
  validate: ["catalogue.md#problems", "problems"],
  lint: ["lint.md", "advice on a catalogue"],
  "dry-run": ["catalogue.md#a-first-catalogue", "the catalogue"],
  test: ["tests.md", "tests of a catalogue"],
  migrate: ["moving.md", "coming from the original MCPFier"],
  images: ["containers.md", "containers"],
  doctor: ["doctor.md", "what this machine can do"],
  completion: ["completion.md", "completion in shells"],
  analytics: ["analytics.md", "analytics"],
};
const OPTIONS_ELSEWHERE: Readonly<Record<string, string>> = { setup: "setup.md#options" };

/** Every verb with its page, then the options of each. */
export function commandLine(): string {
  const verbs = registry.filter((verb) => verb.isHidden !== true);
  const { stdout, stderr } = process;
  const { options } = createParser({ stdout, stderr, version: "" });
  return [
    table("verb | does | page", verbs.map(verbRow)),
    "## Options of every verb\n",
    table("option | means", options.map(optionRow)),
    ...verbs.map(verbSection),
  ].join("\n");
}

function verbRow({ name, summary }: Verb): string {
  const [page, title] = VERB_PAGES[name] ?? [];
  if (page === undefined) throw new Error(`scripts/command-line.ts names no page for the verb ${name}`);
  return `[\`${name}\`](#${name}) | ${summary} | [${title}](${page})`;
}

function verbSection(verb: Verb): string {
  const parser = new Parser(verb.name);
  verb.declare(parser);
  const options = parser.options.length > 0 ? ["[options]"] : [];
  const words = ["mcpfier", verb.name, ...options, ...parser.registeredArguments.map(argumentText)].join(" ");
  const elsewhere = OPTIONS_ELSEWHERE[verb.name];
  const rows = [
    ...parser.registeredArguments.map((each) => `\`${argumentText(each)}\` | ${each.description}`),
    ...(elsewhere === undefined ? parser.options.filter(({ hidden }) => !hidden).map(optionRow) : []),
  ];
  return [
    `## ${verb.name}\n`,
    `\`\`\`text\n${words}\n\`\`\`\n`,
    ...(rows.length > 0 ? [table("word | means", rows)] : []),
    ...(elsewhere === undefined ? [] : [`Its options are listed [on its page](${elsewhere}).\n`]),
  ].join("\n");
}

function optionRow(option: Option): string {
  return `\`${option.flags}\` | ${optionText(option)}`;
}

function table(head: string, rows: readonly string[]): string {
  const line = head.replaceAll(/[^|]+/g, "---");
  return `| ${head} |\n|${line}|\n${rows.map((row) => `| ${row} |`).join("\n")}\n`;
}
