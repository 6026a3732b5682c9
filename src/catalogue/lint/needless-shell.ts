import type { Command } from "../../command/command.ts";
import { isShell } from "../program.ts";
import { argvNodes, literalsOf, programOf } from "./argv.ts";
import { type LintRule, eachCommand } from "./rule.ts";

const ARGV = "write it as a list, `run: [program, argument, ...]`, with `${{ name }}` in the place of `$arg_name`";

export const needlessShell: LintRule = {
  id: "needless-shell",
  meaning: "a shell where an argv list would do, or a shell's `-c` in an argv list",
  reason:
    "Without a shell there is nothing to quote, an absent parameter vanishes instead of becoming an empty word, and what starts with `-` is refused. Pipelines are what `shell` is for.",
  check: eachCommand(({ draft, command }) => {
    const { program } = command;
    if (program.kind === "shell") {
      if (program.shell === "pwsh" || !isOneProgram(program.script)) return [];
      return [{ range: draft.at("shell"), message: "the script runs one program, which needs no shell", hint: ARGV }];
    }
    const script = scriptOf(command);
    const node = script === undefined ? undefined : argvNodes(draft).find(({ value }) => value === script);
    if (script === undefined || !node) return [];
    const hint = isOneProgram(script) ? ARGV : `write \`shell: ${programOf(command)}\` and the script as \`run\``;
    return [{ range: node, message: `\`${programOf(command)} -c\` hides a script in an argv list`, hint }];
  }),
};

/** The constant text that `sh -c` and its like are given. */
function scriptOf(command: Command): string | undefined {
  if (!isShell(programOf(command))) return undefined;
  const words = literalsOf(command);
  const at = words.findIndex((word) => /^-[A-Za-z]*c$/.test(word));
  return at < 0 ? undefined : words[at + 1];
}

/** Words that a shell reads for itself. */
const BUILT_IN =
  /^(?:\.|:|!|alias|break|case|cd|command|continue|eval|exec|exit|export|for|function|if|local|read|readonly|return|set|shift|source|test|time|trap|type|ulimit|umask|unset|until|wait|while|\[+|\{)$/;

/** Whether a script is one program and its arguments, which nothing but quotes and whole values stand in. */
function isOneProgram(script: string): boolean {
  const lines = script.split("\n").filter((line) => !/^\s*(?:#.*|set -[a-z]+(?: pipefail)?)?$/.test(line));
  const [line, ...more] = lines;
  if (line === undefined || more.length > 0) return false;
  const [first = ""] = line.trim().split(/\s/, 1);
  if (BUILT_IN.test(first) || /^\w+=/.test(first)) return false;
  const rest = line
    .replaceAll(/'[^']*'/g, "")
    .replaceAll(/(?<![\w}])"\$(?:arg_\w+|\{arg_\w+\}|@)"|\$arg_\w+|\$\{arg_\w+\}/g, "");
  return !/[|&;<>()$`\\*?[\]{}~#!]/.test(rest);
}
