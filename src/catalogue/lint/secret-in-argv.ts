import { isSecretName } from "../../base/secret.ts";
import type { Command } from "../../command/command.ts";
import { mentioned } from "../../command/template.ts";
import { keyAt } from "../node.ts";
import { argvNodes, elementsOf } from "./argv.ts";
import { type LintRule, eachCommand } from "./rule.ts";

const HINT = "give it by `env`, by `stdin`, or as a private file (`as: file`)";

export const secretInArgv: LintRule = {
  id: "secret-in-argv",
  meaning: "a secret in an argument of a program",
  reason: "Every user of the machine reads the arguments of all processes with `ps`, and many programs log them.",
  check: eachCommand(({ draft, command }) => {
    const params = draft.nodeOf("params");
    const given = command.params
      .filter((parameter) => parameter.secret && !parameter.asFile && isInArgv(command, parameter.name))
      .map(({ name }) => ({
        range: params ? keyAt(params, name) : draft.at("run"),
        message: `the secret "${name}" is an argument, which every user of the machine can read`,
        hint: HINT,
      }));
    const filled = (command.webhook || command.program.kind === "shell" ? [] : argvNodes(draft)).flatMap((node) =>
      Array.from(node.text.matchAll(/(?<!\$)\$\{([A-Za-z_]\w*)/g), ([, name = ""]) => name)
        .filter((name) => isSecretName(name) && !/_(?:FILE|PATH|DIR|ID|NAME)$/i.test(name))
        .map((name) => ({
          range: node,
          message: `\`\${${name}}\` becomes an argument, which every user of the machine can read`,
          hint: HINT,
        })),
    );
    return [...given, ...filled];
  }),
};

function isInArgv(command: Command, name: string): boolean {
  const parameter = command.params.find((each) => each.name === name);
  return parameter?.flag !== null || elementsOf(command).some((template) => mentioned(template).includes(name));
}
