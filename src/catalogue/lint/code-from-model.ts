import type { Command } from "../../command/command.ts";
import { mentioned } from "../../command/template.ts";
import { isInterpreter, isShell } from "../program.ts";
import { elementsOf, programOf } from "./argv.ts";
import { type LintRule, eachCommand } from "./rule.ts";

export const codeFromModel: LintRule = {
  id: "code-from-model",
  meaning: "code of the model that runs outside of a container",
  reason:
    "Whoever writes the code can do whatever you can. In a container it has no network and sees only what is mounted.",
  check: eachCommand(({ draft, command }) => {
    if (command.container || command.webhook || !runsCode(command)) return [];
    const message = `"${command.name}" runs code that the model writes, with all that you may do`;
    return [{ range: draft.at(draft.mayHave("run") ? "run" : "script"), message, hint: "run it in a `container`" }];
  }),
};

/** `eval "$arg_code"`, `bash -c "$arg_code"`: a value that is read as code. */
const EVALUATED =
  /(?:\beval\b[^\n;|']*|\b(?:[a-z]*sh|python[\d.]*|node|perl|ruby|php)\s(?:-\S+\s+)*?-[A-Za-z]*[ceE]\s+(?:"[^"\n]*)?)\$\{?(?:arg_|[@*])/;

function runsCode(command: Command): boolean {
  const { program, stdin } = command;
  if (program.kind === "shell") return EVALUATED.test(program.script);
  const name = programOf(command);
  if (!isShell(name) && !isInterpreter(name)) return false;
  const elements = elementsOf(command);
  const option = elements.findIndex(
    ([only]) => typeof only === "string" && /^(?:-[A-Za-z]*[ceE]|--eval|-Command)$/.test(only),
  );
  const code = option < 0 ? undefined : elements[option + 1];
  if (code) return mentioned(code).length > 0;
  const readsStdin = elements.every(([only]) => typeof only === "string" && only.startsWith("-"));
  return readsStdin && stdin !== null && mentioned(stdin).length > 0;
}
