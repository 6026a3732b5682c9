import { InvalidArgumentError, Option } from "commander";
import type { SetupOptions } from "../registration.ts";
import type { Verb } from "../verb.ts";

export const setup: Verb = {
  name: "setup",
  summary: "register the catalogue in the MCP clients of this machine, and try what they will start",
  example: "mcpfier setup --client cursor",
  declare: (parser) => {
    parser.option("--client <name>", "the clients, by name, with commas between them", listOf);
    parser.addOption(new Option("--all", "every client that is on this machine").conflicts("client"));
    parser.addOption(
      new Option("--scope <scope>", "the user's file, or that of the project in this folder")
        .choices(["user", "project"])
        .default("user"),
    );
    parser.option("--name <name>", "what the server is called there", nameOf, "mcpfier");
    parser.option("--pass <variable>", "a variable that the server gets from the client's environment", variablesOf);
    parser.option("--dry-run", "show what would change, and write nothing");
    parser.option("--check", "write nothing, and exit with 1 when something would change");
    parser.addOption(new Option("--print", "print the entry, to be put there by hand").conflicts("remove"));
    parser.option("--remove", "take the entry out again");
    parser.option("--json", "print what was done as JSON");
    parser.option("--yes", "do not ask");
  },
  // It brings a parser and the clients, which no other start needs.
  run: async (context, _words, options) =>
    (await import("../registration.ts")).register(context, {
      client: [],
      pass: [],
      ...options,
    } as unknown as SetupOptions),
};

function listOf(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(",").filter((name) => name !== "")];
}

/** Every client takes these. */
function nameOf(text: string): string {
  if (/^[\w-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError("expected up to 64 letters, digits, `-` and `_`, such as mcpfier");
}

function variablesOf(text: string, before: readonly string[] = []): readonly string[] {
  const names = listOf(text, before);
  if (names.every((name) => /^[A-Za-z_]\w*$/.test(name))) return names;
  throw new InvalidArgumentError("expected the name of a variable, such as KUBECONFIG; its value is not written");
}
