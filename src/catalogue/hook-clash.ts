import type { Draft } from "./draft.ts";
import { keyAt } from "./node.ts";
import type { Parameters } from "./params.ts";

/** What of `tests` goes with a request, and what with a program. */
export function checkTests(draft: Draft): void {
  const isHook = draft.mayHave("webhook");
  const node = draft.nodeOf("tests");
  for (const test of node?.kind === "sequence" ? node.items : []) {
    for (const [name, { key }] of test.kind === "mapping" ? test.entries : []) {
      if (isHook && OF_PROGRAM.has(name))
        draft.error(key, "webhook", `\`${name}\` is for a program, and a webhook runs none`, "use `request`");
      if (!isHook && name === "request")
        draft.error(key, "webhook", "`request` is for a `webhook`, and this command is a program", "use `argv`");
    }
  }
}

const OF_PROGRAM = new Set(["argv", "env", "stdin", "cwd"]);

/** Reports what means nothing for a command that is a request. */
export function checkNoProgram(draft: Draft, { list }: Parameters): void {
  for (const key of NOT_FOR_ONE) {
    const value = draft.get(key);
    if (!draft.node.entries.has(key) || (value === false && key === "container")) continue;
    draft.error(
      draft.at(key),
      "webhook",
      `\`${key}\` is for a program, and a webhook runs none`,
      INSTEAD[key] ?? "remove it",
    );
  }
  const limits = draft.node.entries.get("limits")?.value;
  const never = limits?.kind === "mapping" ? [...limits.entries].filter(([name]) => name !== "output") : [];
  for (const [name, { key }] of never)
    draft.error(key, "webhook", `\`limits.${name}\` is for a program, and a webhook runs none`, "remove it");
  if (draft.node.entries.has("env"))
    draft.warn(draft.at("env"), "never-reached", "a webhook runs no program that `env` could be for", "remove it");
  checkParams(draft, list);
}

function checkParams(draft: Draft, list: Parameters["list"]): void {
  const params = draft.node.entries.get("params")?.value ?? draft.node;
  for (const { name, path, flag, asFile } of list) {
    const what = path ? "a path of this machine" : flag ? "a `flag`" : asFile ? "a file of this machine" : "";
    if (what !== "")
      draft.error(
        keyAt(params, name),
        "webhook",
        `"${name}" is ${what}, which means nothing to a service`,
        "give it another type, and write its placeholder where it belongs",
      );
  }
}
/** What a program has and a request has not. */
const NOT_FOR_ONE = [
  "run",
  "script",
  "args",
  "shell",
  "stdin",
  "cwd",
  "isolation",
  "container",
  "ok_exit_codes",
  "retry",
];

const INSTEAD: Readonly<Record<string, string>> = {
  retry: "use `retry` inside of `webhook`",
  ok_exit_codes: "use `ok_status` inside of `webhook`",
  stdin: "use `body` inside of `webhook`",
};
