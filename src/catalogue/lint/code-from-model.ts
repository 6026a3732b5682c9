import type { Command } from "../../command/command.ts";
import { mentioned } from "../../command/template.ts";
import { valueAt } from "../node.ts";
import { isInterpreter, isShell } from "../program.ts";
import type { Draft } from "../draft.ts";
import { type Line, linesOf, markOf } from "./lines.ts";
import { type LintRule, eachCommand } from "./rule.ts";

export const codeFromModel: LintRule = {
  id: "code-from-model",
  meaning: "code of the model that runs outside of a container",
  reason:
    "Whoever writes the code can do whatever you can. In a container it has no network and sees only what is mounted.",
  check: eachCommand(({ draft, command }) => {
    if (command.container || command.webhook || !runsCode(draft, command)) return [];
    const message = `"${command.name}" runs code that the model writes, with all that you may do`;
    return [{ range: draft.at(draft.mayHave("run") ? "run" : "script"), message, hint: "run it in a `container`" }];
  }),
};

const VALUE = String.raw`\$\{?(?:arg_|[@*])`;
const READER = String.raw`(?:[a-z]*sh|python[\d.]*|node|perl|ruby|php)`;
/** `echo "$arg_code" | sh`, `sh <<< "$arg_code"`: a value that is read as code from the standard input. */
const PIPED = new RegExp(
  String.raw`${VALUE}[^\n;]*\|\s*(?:sudo\s+)?${READER}(?:\s+-\S*)*\s*(?:$|[\n;&|)])|\b${READER}(?:\s+-\S*)*\s*<<<\s*"?${VALUE}`,
);
const CODE_OPTION = /^(?:-[A-Za-z]*[ceE]|--eval|-Command)$/;

function runsCode(draft: Draft, command: Command): boolean {
  const { program, stdin, params } = command;
  const lines = linesOf(command);
  if (program.kind === "shell") return PIPED.test(program.script) || lines.some((line) => evaluates(line, isInScript));
  if (lines.some((line) => evaluates(line, isGiven) || isRemote(line, draft))) return true;
  const [[name = "", ...words] = []] = lines;
  if (!isShell(name) && !isInterpreter(name)) return false;
  const files = params.filter(({ asFile }) => asFile).map((param) => markOf(param.name));
  const first = words.find((word) => !word.startsWith("-"));
  if (first !== undefined && files.includes(first)) return true;
  if (params.some(({ flag }) => flag?.kind === "separate" && CODE_OPTION.test(flag.option))) return true;
  return first === undefined && stdin !== null && mentioned(stdin).length > 0;
}

function isGiven(word: string): boolean {
  return word.includes("\0");
}

function isInScript(word: string): boolean {
  return new RegExp(VALUE).test(word);
}

/** `eval "$arg_code"`, `bash -c "$arg_code"`: a value that is read as code. */
function evaluates([name = "", ...words]: Line, isValue: (word: string) => boolean): boolean {
  if (name === "eval") return words.some(isValue);
  if (!isShell(name) && !isInterpreter(name)) return false;
  const option = words.findIndex((word) => CODE_OPTION.test(word));
  return option >= 0 && isValue(words[option + 1] ?? "");
}

/** ssh gives its arguments to a shell on the other machine, as one line. */
function isRemote([name, ...words]: Line, draft: Draft): boolean {
  const params = draft.nodeOf("params");
  if (name !== "ssh" || !params) return false;
  const host = words.findIndex((word, index) => !word.startsWith("-") && !SSH_VALUED.test(words[index - 1] ?? ""));
  const given = words.slice(host + 1).flatMap((word) => word.match(/(?<=\0)\w+(?=\0)/g) ?? []);
  return host >= 0 && given.some((param) => isAnyText(valueAt(params, param)));
}

const SSH_VALUED = /^-[A-Za-z]*[bcDEeFIiJLlmOopQRSWw]$/;

function isAnyText(schema: unknown): boolean {
  return (
    typeof schema === "object" &&
    schema !== null &&
    (!("type" in schema) || schema.type === "string") &&
    !["pattern", "enum", "const", "format"].some((word) => word in schema)
  );
}
