import { Option } from "commander";
import { type Problem, isError } from "../../base/problem.ts";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { Command } from "../../command/command.ts";
import { hasLimits, isWeak, limitsOf } from "../../executors/limit.ts";
import { abilityOf } from "../../executors/probe.ts";
import { formats } from "../formats/registry.ts";
import { load, locate } from "../open.ts";
import { countText, painter, plural } from "../print.ts";
import { type Context, EXIT, type Verb } from "../verb.ts";

export const validate: Verb = {
  name: "validate",
  summary: "check catalogues and print every problem with its place",
  example: "mcpfier validate mcpfier.yaml --format github",
  declare: (parser) => {
    parser.argument("[files...]", "catalogues; default: the one that would be served");
    parser.addOption(
      new Option("--format <form>", "how problems are printed").choices(Object.keys(formats)).default("text"),
    );
  },
  run: async (context, words, options) => {
    const files = words.length > 0 ? words : [locate(context)].filter((file) => file !== undefined);
    if (files.length === 0) return EXIT.fatal;
    const problems: Problem[] = [];
    for (const file of files) {
      const loaded = await load(context, file);
      problems.push(...loaded.problems);
      context.stderr.write(`mcpfier: ${file}: ${held(loaded.catalogue)}${countText(loaded.problems)}\n`);
      await tellLimits(context, loaded.catalogue?.commands ?? []);
    }
    const how = { paint: painter(context, context.stdout), version: context.version };
    context.stdout.write(formats[String(options["format"])]?.(problems, how) ?? "");
    if (problems.some((problem) => problem.rule === "file-unreadable")) return EXIT.fatal;
    return problems.some(isError) ? EXIT.findings : EXIT.fine;
  },
};

function held(catalogue: Catalogue | null): string {
  if (!catalogue) return "";
  const { commands, resources, prompts } = catalogue;
  const counts = [plural(commands.length, "command")];
  if (resources.length > 0) counts.push(plural(resources.length, "resource"));
  if (prompts.length > 0) counts.push(plural(prompts.length, "prompt"));
  return `${counts.join(", ")}, `;
}

/** What a limit means depends on the machine, not on the file: so it is told, and is no finding. */
async function tellLimits({ stderr, host }: Context, commands: readonly Command[]): Promise<void> {
  for (const command of commands.filter(hasLimits)) {
    for (const limit of limitsOf(command, await abilityOf(host)).filter(isWeak)) {
      const how =
        limit.by === null ? "cannot be enforced on this machine" : "holds for each process by itself on this machine";
      stderr.write(`mcpfier: ${command.name}: limits.${limit.name} ${how}; see \`mcpfier doctor\`\n`);
    }
  }
}
