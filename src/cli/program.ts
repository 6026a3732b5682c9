import { Command as Parser, CommanderError, InvalidArgumentError, Option } from "commander";
import { didYouMean } from "../base/nearest.ts";
import { LOG_LEVELS, setLogLevel } from "../base/log.ts";
import { registry } from "./registry.ts";
import { type Context, EXIT, type GlobalOptions, type Verb } from "./verb.ts";
import { VERB_OPTIONS, withVerb } from "./words.ts";

/** What is known before the command line is read. */
export type Streams = Omit<Context, "global" | "grammar" | "help" | "verbHelp">;

/** Runs one command line and answers with the exit code. */
export async function runProgram(argv: readonly string[], streams: Streams): Promise<number> {
  let code: number = EXIT.fine;
  const words = withVerb(argv);
  const parser = createParser(streams);
  // What others take is asked for where all is told: two hundred parts are made for nothing at each start of a server.
  const others: (() => void)[] = [];
  const whole = (): Parser => {
    for (const declare of others.splice(0)) declare();
    return parser;
  };
  for (const verb of registry) {
    const one = parser
      .command(verb.name, { hidden: verb.isHidden === true })
      .summary(verb.summary)
      .description(verb.summary)
      .addHelpText("after", `\nExample:\n  ${verb.example}`);
    if (verb.name === words[0]) verb.declare(one);
    else others.push(() => verb.declare(one));
    one.action(async () => {
      const options = one.optsWithGlobals();
      const global = options as unknown as GlobalOptions;
      setLogLevel(global.logLevel);
      code = await verb.run(
        {
          ...streams,
          global,
          grammar: whole,
          help: () => whole().helpInformation(),
          verbHelp: () => one.helpInformation(),
        },
        one.args,
        options,
      );
    });
  }
  if (!registry.some(({ name }) => name === words[0])) whole();
  try {
    await parser.parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.unknownOption") suggestOption(error.message, whole(), streams);
    if (error.code === "commander.help" && error.exitCode !== 0) suggestHelp(argv, streams);
    return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  }
}

/** The parser suggests nothing for `--option=value`, nor for the verbs that are spelt as options. */
function suggestOption(message: string, parser: Parser, { stderr }: Pick<Context, "stderr">): void {
  if (message.includes("Did you mean")) return;
  const options = [parser, ...parser.commands].flatMap((each) => each.options.map((option) => option.long ?? ""));
  const name = /'([^'=]*)/.exec(message)?.[1] ?? "";
  const known = new Set([...VERB_OPTIONS, ...options]);
  const hint = VERB_OPTIONS.includes(name)
    ? "it is a verb, and another one stands before it: write one of them"
    : known.has(name)
      ? "it is an option of another verb, or stands before its verb"
      : didYouMean(name, known);
  if (hint !== "") stderr.write(`(${hint})\n`);
}

/** Of a word behind `help` that is no verb the parser says nothing; mostly it is a command. */
function suggestHelp(argv: readonly string[], { stderr }: Pick<Context, "stderr">): void {
  const word = argv[argv.indexOf("help") + 1] ?? "";
  stderr.write(
    `\nmcpfier: there is no verb "${word}"; of a command of the catalogue tells \`mcpfier run ${word} --help\`\n`,
  );
}

/** The options that every verb has, and how the whole is called. */
export function createParser({ stdout, stderr, version }: Pick<Context, "stdout" | "stderr" | "version">): Parser {
  return new Parser("mcpfier")
    .description("Turns a YAML catalogue of commands into tools for language models, over MCP.")
    .usage("[options] [verb] | [options] <command> [--name value ...]")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .option(
      "-c, --config <file>",
      "the catalogue; default: $MCPFIER_CONFIG, ./mcpfier.yaml, ./config.yaml, then ~/.mcpfier, ~/mcpfier and /etc/mcpfier",
      fileOf,
    )
    .option(
      "--workspace <folder>",
      "the root of `within: workspace`; default: what the catalogue says, else its folder",
    )
    .addOption(new Option("--color <when>", "colour in messages").choices(["auto", "always", "never"]).default("auto"))
    .addOption(
      new Option("--log-level <level>", "what is logged").choices(LOG_LEVELS).default("warn").env("MCPFIER_LOG_LEVEL"),
    )
    .addHelpText("after", helpTail(registry))
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) })
    .showSuggestionAfterError()
    .exitOverride();
}

function fileOf(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("expected a file, came nothing: write `--config FILE`");
}

/** What the exit codes mean, a line for each kind of verb. */
export const EXIT_CODES: readonly string[] = [
  "Exit codes of a command: its own; 124 timed out, 125 refused, 126 not executable, 127 not found, 128 + signal, 130 cancelled, 137 limited.",
  "Exit codes of validate, lint, test and doctor: 0 fine, 1 problems, 3 nothing could be read; test: 130 interrupted. list, explain, dry-run and analytics: 3 where there is no catalogue, or no database, that can be read; explain: 1 where no command has the name. images: 0 all there, 1 one is missing, 69 an engine cannot be reached, 130 interrupted. init: 3 when nothing was written, 130 when the question was not answered. migrate: 1 with --check when there is something to migrate, 3 when it cannot be. serve: 78 for what cannot be served, 69 for an address that cannot be listened at. setup: 1 with --check when something would change, and when the answer was no, 3 when a file was left alone or its entry does not start, 69 no client was found, 130 interrupted. All: 2 wrong usage.",
];

function helpTail(verbs: readonly Verb[]): string {
  const examples = verbs
    .filter((verb) => verb.isHidden !== true)
    .map((verb) => `  ${verb.example}`)
    .join("\n");
  return `
Also: \`mcpfier --validate\`, \`--dry-run\`, \`--mcp\`, \`--analytics\` and \`--setup\` are \`validate\`, \`dry-run\`, \`serve\`, \`analytics\` and \`setup\`; \`--server\` is \`serve\` over HTTP where the catalogue says.

Examples:
${examples}
  mcpfier search_files --pattern TODO

${EXIT_CODES.join("\n")}`;
}
