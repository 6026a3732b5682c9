import { basename, dirname, resolve } from "node:path";
import type { Program, ShellProgram } from "../command/command.ts";
import { type Draft, type Setting, templateOf, textOf, within } from "./draft.ts";
import { literalText } from "../command/template.ts";
import { readItems } from "./items.ts";
import type { Parameters } from "./params.ts";
import { splitWords } from "./split.ts";
import type { Node, ScalarNode } from "./node.ts";

/** Reads `run`, or `script` and `args`; null where nothing could be read. `names` are what its places may mention. */
export function readProgram(
  draft: Draft,
  params: Parameters,
  names: ReadonlySet<string>,
  setting: Setting,
): Program | null {
  const shell = draft.get("shell");
  if (shell !== undefined && shell !== false)
    return readShell(draft, shell === true ? "sh" : (shell as ShellProgram["shell"]), params, setting);
  const [first, ...rest] = piecesOf(draft, setting) ?? [];
  if (!first) return null;
  const name = readName(draft, first, names);
  if (name === null) return null;
  const items = readItems({ draft, params, names: new Set([...names, "flags"]) }, rest, first);
  checkShellText(draft, [first, ...rest]);
  const absolute = name.includes("/") ? resolve(dirname(draft.source.path), name) : name;
  return { kind: "argv", name: absolute, path: foundPath(draft, first, absolute, setting), items };
}

function piecesOf(draft: Draft, setting: Setting): readonly Node[] | null {
  checkSpelling(draft);
  if (draft.isBroken("run") || draft.isBroken("script") || draft.isBroken("args")) return null;
  const run = draft.nodeOf("run");
  if (run?.kind === "sequence") return run.items;
  if (run?.kind === "scalar") return splitLine(draft, run, setting);
  const script = draft.nodeOf("script");
  const args = draft.nodeOf("args");
  return script ? [script, ...(args?.kind === "sequence" ? args.items : [])] : null;
}

/** `run`, or `script` with `args`; one of the two. */
function checkSpelling({ node: { entries }, at, error }: Draft): void {
  const has = (key: string): boolean => entries.has(key);
  if (has("run") && has("script")) error(at("script"), "run-missing", "`run` and `script` are one thing", "keep one");
  if (has("args") && !has("script"))
    error(at("args"), "run-missing", "`args` goes with `script`", "put them into `run`");
  if (has("run") || has("script") || has("webhook")) return;
  error(at("name"), "run-missing", "the command has no `run`", "add `run: [program, argument, ...]`");
}

/** One line becomes a list. The host's variables are filled in afterwards, so that their values are never split. */
function splitLine(draft: Draft, node: ScalarNode, setting: Setting): readonly Node[] | null {
  const { words, shell, unclosed } = splitWords(node.text);
  if (unclosed)
    return draft.error(node, "run-shell-text", "a quote is not closed", "close it, or write `run` as a list");
  let from = node.start;
  for (const { what } of shell) {
    const range = within(draft, { start: from, end: node.end }, what);
    from = range.end;
    const hint = "write `run` as a list if the program is to get it as text, or use `shell: sh` with a constant script";
    draft.error(range, "run-shell-text", `${JSON.stringify(what)} is for a shell, and no shell reads \`run\``, hint);
  }
  if (shell.length > 0) return null;
  return words.map((word) => {
    const range = within(draft, node, node.text.slice(word.start, word.end));
    const template = setting.interpolator.fill(word.text, (written, message, hint) =>
      draft.error(within(draft, node, written), "unset-variable", message, hint),
    );
    return {
      kind: "scalar",
      value: literalText(template),
      template,
      text: word.text,
      start: range.start,
      end: range.end,
    };
  });
}

function readShell(
  draft: Draft,
  shell: ShellProgram["shell"],
  params: Parameters,
  setting: Setting,
): ShellProgram | null {
  const run = draft.nodeOf("run");
  if (draft.isBroken("run")) return null;
  if (!run)
    return draft.error(
      draft.at("shell"),
      "run-missing",
      "a shell script stands in `run`",
      "add `run: |` and the script",
    );
  if (run.kind !== "scalar")
    return draft.error(
      draft.at("run"),
      "wrong-type",
      "with `shell`, `run` is one constant script, came a list",
      "write the script as text: `run: |`",
    );
  for (const [place, name = ""] of run.text.matchAll(/\$\{\{\s*(.*?)\s*\}\}/g)) {
    draft.error(
      within(draft, run, place),
      "shell-placeholder",
      `a placeholder in a script would let the model write code`,
      `write "$arg_${name}" instead; the value arrives as that variable`,
    );
  }
  if (shell === "pwsh" && params.list.some((each) => each.positional))
    draft.error(
      draft.at("shell"),
      "bad-value",
      "PowerShell has no safe place for positional values",
      "read $env:arg_NAME, which holds the array as JSON",
    );
  return { kind: "shell", shell, path: foundPath(draft, draft.at("shell"), shell, setting), script: run.text };
}

function readName(draft: Draft, node: Node, names: ReadonlySet<string>): string | null {
  if (node.kind !== "scalar")
    return draft.error(node, "wrong-type", "expected the program, came an optional group", "begin with the program");
  const [only, ...more] = templateOf(draft, node, names);
  if (typeof only !== "string" || more.length > 0) {
    return draft.error(
      node,
      "program-placeholder",
      "the program is constant: a caller must not choose what runs",
      "write one command for each program",
    );
  }
  if (only === "") return draft.error(node, "bad-value", "the name of the program is empty");
  return only;
}

function foundPath(
  draft: Draft,
  range: { start: number; end: number },
  name: string,
  { path, world }: Setting,
): string | null {
  const found = world.program(name, pathOf(draft) ?? path);
  if ("path" in found) return found.path;
  const why =
    found.fault === "missing" ? (name.includes("/") ? "does not exist" : "is not on PATH") : "is not executable";
  draft.warn(range, "program-missing", `the program ${name} ${why}`, "calls are refused until it is there");
  return null;
}

/** The PATH that the command itself sets to a constant. */
function pathOf(draft: Draft): string | undefined {
  const env = draft.get("env") as Readonly<Record<string, unknown>> | undefined;
  return typeof env?.["PATH"] === "string" ? env["PATH"] : undefined;
}

const SHELLS = /^(?:sh|bash|dash|zsh|ksh|mksh|ash|fish|pwsh|powershell)$/;
const INTERPRETERS = /^(?:python[\d.]*|node|nodejs|perl|ruby|php|lua|osascript)$/;

/** `[bash, -c, "... ${{ x }} ..."]` is a shell script in disguise. */
function checkShellText(draft: Draft, nodes: readonly Node[]): void {
  const pieces = nodes
    .flatMap((node) => (node.kind === "sequence" ? node.items : [node]))
    .filter((node) => node.kind === "scalar");
  pieces.forEach((piece, index) => {
    const name = basename(textOf(draft, piece));
    const isShell = SHELLS.test(name);
    if (!isShell && !INTERPRETERS.test(name)) return;
    const option = pieces.findIndex(
      (each, at) => at > index && /^(?:-[A-Za-z]*[ceE]|-Command|--eval)$/.test(each.template),
    );
    const text = pieces[option + 1];
    if (option < 0 || !text || !text.template.includes("${{")) return;
    if (!isShell && /^\s*\$\{\{[^}]*\}\}\s*$/.test(text.template)) return;
    draft.error(
      text,
      "shell-placeholder",
      `a placeholder in the text that ${name} runs would let the model write code`,
      isShell
        ? `use \`shell: ${name}\` with a constant script, which gets its values as $arg_NAME`
        : "pass the value as an argument after the constant text",
    );
  });
}
