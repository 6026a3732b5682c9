import type { Engine } from "../../engine.ts";
import { sampleArguments } from "../sample.ts";
import { openEngine } from "../open.ts";
import { EXIT, type Verb } from "../verb.ts";
import { describe, run } from "./run.ts";

export const dryRun: Verb = {
  name: "dry-run",
  summary: "print what a command would run, or every command with example values, and start nothing",
  example: "mcpfier --dry-run search_files --pattern TODO",
  declare: (parser) => {
    parser
      .argument("[command]", "the name of the command; default: all of them")
      .argument("[arguments...]", "its parameters, as --name value");
    parser.option("--args <json>", "its parameters as one JSON object");
    parser.allowUnknownOption();
  },
  run: async (context, words, options) => {
    if (words.length > 0) return run.run(context, words, { ...options, dryRun: true });
    const engine = await openEngine(context);
    if (!engine) return EXIT.fatal;
    context.stdout.write(`${JSON.stringify(await planAll(engine), null, 2)}\n`);
    return EXIT.fine;
  },
};

/** Example values may be refused, for instance where a file must exist; then the refusal stands in the place of the plan. */
function planAll(engine: Engine): Promise<readonly unknown[]> {
  return Promise.all(
    engine
      .catalogue()
      .commands.map(async (command) =>
        describe(await engine.call({ tool: command.name, arguments: sampleArguments(command), dryRun: true })),
      ),
  );
}
