import { InvalidArgumentError, Option } from "commander";
import { declareRegistration, listOf, registrationOf } from "../registration-options.ts";
import type { Verb } from "../verb.ts";

export const setup: Verb = {
  name: "setup",
  summary: "register the catalogue in the MCP clients of this machine, and try what they will start",
  example: "mcpfier setup --client cursor",
  declare: (parser) => {
    parser.option("--client <name>", "the clients, by name, with commas between them", listOf);
    parser.addOption(new Option("--all", "every client that is on this machine").conflicts("client"));
    declareRegistration(parser);
    parser.option("--pass <variable>", "a variable that the server gets from the client's environment", variablesOf);
    parser.addOption(
      new Option("--http <url>", "register a server that runs at a URL, instead of one that clients start")
        .argParser(urlOf)
        .conflicts(["pass", "remove"]),
    );
    parser.option("--dry-run", "show what would change, and write nothing");
    parser.option("--check", "write nothing, and exit with 1 when something would change");
    parser.addOption(new Option("--print", "print the entry, to be put there by hand").conflicts("remove"));
    parser.option("--remove", "take the entry out again");
    parser.option("--json", "print what was done as JSON");
    parser.option("--yes", "do not ask");
    parser.option("--no-input", "never ask: say what is missing, and exit with 2");
  },
  // It brings a parser and the clients, which no other start needs.
  run: async (context, _words, options) => {
    const { register } = await import("../registration.ts");
    return register(context, {
      ...registrationOf(options),
      client: (options["client"] ?? []) as readonly string[],
      pass: (options["pass"] ?? []) as readonly string[],
      all: options["all"] === true,
      http: options["http"] as string | undefined,
      isForShow: ["dryRun", "check", "print"].some((key) => options[key] === true),
      check: options["check"] === true,
      print: options["print"] === true,
      remove: options["remove"] === true,
      json: options["json"] === true,
      yes: options["yes"] === true,
      input: options["input"] === true,
    });
  },
};

function variablesOf(text: string, before: readonly string[] = []): readonly string[] {
  const names = listOf(text, before);
  if (names.every((name) => /^[A-Za-z_]\w*$/.test(name))) return names;
  throw new InvalidArgumentError("expected the name of a variable, such as KUBECONFIG; its value is not written");
}

/** Every client takes these URLs; a secret in one would stand in many files. */
function urlOf(text: string): string {
  const url = URL.parse(text);
  const fault =
    !/^https?:\/\/[^\s\p{Cc}\\]+$/u.test(text) || !url
      ? "expected a URL"
      : /[@?#]/.test(text)
        ? "expected a URL without a user, a password, a `?` or a `#`, because it stands in files that others read"
        : undefined;
  if (fault === undefined) return text;
  throw new InvalidArgumentError(`${fault}, such as http://127.0.0.1:8080/mcp`);
}
