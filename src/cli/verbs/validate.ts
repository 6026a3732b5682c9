import type { Command } from "../../command/command.ts";
import { hasLimits, isWeak, limitsOf } from "../../executors/limit.ts";
import { abilityOf } from "../../executors/probe.ts";
import { declareFindings, tellFindings } from "../findings.ts";
import { load } from "../open.ts";
import type { Context, Verb } from "../verb.ts";

export const validate: Verb = {
  name: "validate",
  summary: "check catalogues and print every problem with its place",
  example: "mcpfier validate mcpfier.yaml --format github",
  declare: (parser) => declareFindings(parser, "error"),
  run: (context, words, options) =>
    tellFindings(context, words, options, async (file) => {
      const loaded = await load(context, file);
      return { ...loaded, tellMore: () => tellLimits(context, loaded.catalogue?.commands ?? []) };
    }),
};

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
