import { isSecretName } from "../../base/secret.ts";
import type { Command } from "../../command/command.ts";
import { mentioned } from "../../command/template.ts";
import { type ScalarNode, keyAt } from "../node.ts";
import { argvNodes, elementsOf } from "./argv.ts";
import { type Line, linesOf } from "./lines.ts";
import { type Advice, type LintRule, eachCommand } from "./rule.ts";

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
    const nodes = command.webhook ? [] : argvNodes(draft);
    const filled = command.program.kind === "shell" ? [] : nodes.flatMap(filledIn);
    return [...given, ...filled, ...nodes.filter(({ text }) => WRITTEN.test(text)).map(written)];
  }),
};

type Found = Omit<Advice, "source">;

function filledIn(node: ScalarNode): readonly Found[] {
  return Array.from(node.text.matchAll(/(?<!\$)\$\{([A-Za-z_]\w*)/g), ([, name = ""]) => name)
    .filter((name) => isSecretName(name) && !/_(?:FILE|PATH|DIR|ID|NAME)$/i.test(name))
    .map((name) => ({
      range: node,
      message: `\`\${${name}}\` becomes an argument, which every user of the machine can read`,
      hint: HINT,
    }));
}

/** What stands there for everybody to read: the value of a header or option, a password in an address, a token by its usual form. */
const WRITTEN = new RegExp(
  [
    String.raw`\bauthorization:\s*[A-Za-z]+\s+[^\s$"']`,
    String.raw`(?:^|\s)--?(?:password|passwd|token|api[-_]?key|secret)=[^\s$"']`,
    String.raw`://[^\s/:@$]*:[^\s/@$]+@`,
    String.raw`\b(?:gh[pousr]_|github_pat_|glpat-|sk-|xox[abprs]-)[A-Za-z\d_-]{16,}|\bAKIA[A-Z\d]{16}\b`,
  ].join("|"),
  "i",
);

function written(node: ScalarNode): Found {
  return {
    range: node,
    message: "a secret seems to be written here, for everybody who can read the catalogue",
    hint: HINT,
  };
}

function isInArgv(command: Command, name: string): boolean {
  const parameter = command.params.find((each) => each.name === name);
  if (command.program.kind === "shell") return linesOf(command).some((line) => passes(line, name));
  return parameter?.flag !== null || elementsOf(command).some((template) => mentioned(template).includes(name));
}

/** What a shell does by itself starts no process. */
const BUILT_IN = /^(?:echo|printf|export|local|readonly|declare|test|\[+|:|read|set|unset|return|case|for)$/;

function passes([program = "", ...words]: Line, name: string): boolean {
  const value = new RegExp(String.raw`\$\{?arg_${name}(?!\w)`);
  return !BUILT_IN.test(program) && words.some((word) => value.test(word));
}
