import { basename, dirname, resolve } from "node:path";
import type { Program, ShellProgram } from "../command/command.ts";
import type { Defaults } from "./defaults.ts";
import { literalText } from "../command/template.ts";
import { type Draft, type Setting, textOf, within } from "./draft.ts";
import { readItems } from "./items.ts";
import type { Node, ScalarNode } from "./node.ts";
import { type Reader, templateOf } from "./places.ts";
import type { Range } from "./source.ts";
import { splitWords } from "./split.ts";

/** Where a command runs, and with which environment. */
type Where = Pick<Defaults, "env" | "container">;

/** Reads `run`, or `script` and `args`; null where they cannot be used. */
export function readProgram(reader: Reader, { env, container }: Where, setting: Setting): Program | null {
  const { draft } = reader;
  const isInside = container !== null;
  const path = pathOf(env) ?? setting.path;
  const shell = draft.get("shell");
  if (shell !== undefined && shell !== false)
    return readShell(reader, shell === true ? "sh" : (shell as ShellProgram["shell"]), (name) =>
      isInside ? null : foundPath(draft, draft.at("shell"), name, { ...setting, path }),
    );
  const [first, ...rest] = piecesOf(draft, setting) ?? [];
  if (!first) return null;
  const name = draft.isBroken(first) ? null : readName(reader, first, setting);
  const items = readItems({ ...reader, names: new Set([...reader.names, "flags"]) }, rest, first);
  checkShellText(draft, [first, ...rest]);
  if (name === null) return null;
  const absolute = name.includes("/") ? resolve(dirname(draft.source.path), name) : name;
  if (isInside) return { kind: "argv", name: absolute, path: absolute === name ? null : absolute, items };
  return { kind: "argv", name: absolute, path: foundPath(draft, first, absolute, { ...setting, path }), items };
}

function piecesOf(draft: Draft, setting: Setting): readonly Node[] | null {
  checkSpelling(draft);
  const run = draft.nodeOf("run");
  if (run?.kind === "sequence") return run.items;
  if (run?.kind === "scalar") return splitLine(draft, run, setting);
  const script = draft.nodeOf("script");
  const args = draft.nodeOf("args");
  return script ? [script, ...(args?.kind === "sequence" ? args.items : [])] : null;
}

/** `run`, or `script` with `args`; one of the two. */
function checkSpelling({ node: { entries }, at, error, mayHave }: Draft): void {
  if (entries.has("run") && entries.has("script"))
    error(at("script"), "run-missing", "`run` and `script` are one thing", "keep one");
  if (entries.has("args") && !mayHave("script")) {
    error(at("args"), "run-missing", "`args` goes with `script`", "put them into `run`");
    return;
  }
  if (["run", "script", "webhook"].some(mayHave)) return;
  error(at("name"), "run-missing", "the command has no `run`", "add `run: [program, argument, ...]`");
}

/** One line becomes a list. The host's variables are filled in afterwards, so that their values are never split. */
function splitLine(draft: Draft, node: ScalarNode, setting: Setting): readonly Node[] | null {
  const line = node.text.replace(/\n+$/, "");
  const { words, shell, unclosed } = splitWords(line);
  if (unclosed)
    return draft.error(node, "run-shell-text", "a quote is not closed", "close it, or write `run` as a list");
  for (const { what, start } of shell) {
    const hint = "write `run` as a list if the program is to get it as text, or use `shell: sh` with a constant script";
    const message = `${JSON.stringify(what)} is for a shell, and no shell reads \`run\``;
    draft.error(rangeOf(draft, node, what, start), "run-shell-text", message, hint);
  }
  if (shell.length > 0) return null;
  return words.map((word) => {
    const { start, end } = rangeOf(draft, node, line.slice(word.start, word.end), word.start);
    let isFaulty = false;
    const template = setting.interpolator.fill(word.text, (written, message, hint) => {
      isFaulty = true;
      draft.error(within(draft, { start, end }, written), "unset-variable", message, hint);
      return "";
    });
    return { kind: "scalar", value: literalText(template), template, text: word.text, isFaulty, start, end };
  });
}

/** Where a part of a scalar's text stands in the file: as many like it stand before it there as in the text. */
function rangeOf(draft: Draft, node: ScalarNode, part: string, offset: number): Range {
  let range: Range = node;
  let from = node.start;
  for (let at = node.text.indexOf(part); at >= 0 && at <= offset; at = node.text.indexOf(part, at + 1)) {
    const start = draft.source.text.indexOf(part, from);
    if (start < 0 || start >= node.end) return node;
    range = { start, end: start + part.length };
    from = start + 1;
  }
  return range;
}

function readShell(
  { draft, params }: Reader,
  shell: ShellProgram["shell"],
  find: (name: string) => string | null,
): ShellProgram | null {
  const run = draft.nodeOf("run");
  if (!run) {
    if (draft.mayHave("run")) return null;
    const hint = "add `run: |` and the script";
    return draft.error(draft.at("shell"), "run-missing", "a shell script stands in `run`", hint);
  }
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
  return { kind: "shell", shell, path: find(shell), script: run.text };
}

function readName(reader: Reader, node: Node, setting: Setting): string | null {
  const { draft } = reader;
  if (node.kind !== "scalar")
    return draft.error(node, "wrong-type", "expected the program, came an optional group", "begin with the program");
  const [only, ...more] = templateOf(reader, node);
  if (typeof only !== "string" || more.length > 0) {
    return draft.error(
      node,
      "program-placeholder",
      "the program is constant: a caller must not choose what runs",
      "write one command for each program",
    );
  }
  if (node.isFaulty) return null;
  if (only === "") return draft.error(node, "bad-value", "the name of the program is empty");
  if (setting.world.host.platform === "win32" && /\.(?:bat|cmd)[. ]*$/i.test(only)) {
    return draft.error(
      node,
      "bad-value",
      "cmd.exe reads the arguments of a batch file again",
      "name the program itself",
    );
  }
  return only;
}

function foundPath(draft: Draft, range: Range, name: string, { path, world }: Setting): string | null {
  const found = world.program(name, path);
  if ("path" in found) return found.path;
  const why =
    found.fault === "missing" ? (name.includes("/") ? "does not exist" : "is not on PATH") : "is not executable";
  draft.warn(range, "program-missing", `the program ${name} ${why}`, "calls are refused until it is there");
  return null;
}

/** The PATH that the command sets, or its defaults do, to a constant. */
function pathOf({ set }: Defaults["env"]): string | undefined {
  const [only, ...more] = set["PATH"] ?? [];
  return typeof only === "string" && more.length === 0 ? only : undefined;
}

const SHELLS = /^(?:sh|bash|dash|zsh|ksh|mksh|ash|fish|pwsh|powershell)$/;

/** Whether a program's name is that of a shell. */
export function isShell(name: string): boolean {
  return SHELLS.test(name);
}

const INTERPRETERS = /^(?:python[\d.]*|node|nodejs|perl|ruby|php|lua|osascript)$/;

/** Whether a program's name is that of an interpreter, which is no shell. */
export function isInterpreter(name: string): boolean {
  return INTERPRETERS.test(name);
}

/** `[bash, -c, "... ${{ x }} ..."]` is a shell script in disguise. */
function checkShellText(draft: Draft, nodes: readonly Node[]): void {
  const pieces = nodes
    .flatMap((node) => (node.kind === "sequence" ? node.items : [node]))
    .filter((node) => node.kind === "scalar")
    .filter((node) => !draft.isBroken(node));
  pieces.forEach((piece, index) => {
    const name = basename(textOf(draft, piece));
    const readsShell = isShell(name);
    if (!readsShell && !isInterpreter(name)) return;
    const option = pieces.findIndex(
      (each, at) => at > index && /^(?:-[A-Za-z]*[ceE]|-Command|--eval)$/.test(each.template),
    );
    const text = pieces[option + 1];
    if (option < 0 || !text || !text.template.includes("${{")) return;
    if (!readsShell && /^\s*\$\{\{[^}]*\}\}\s*$/.test(text.template)) return;
    draft.error(
      text,
      "shell-placeholder",
      `a placeholder in the text that ${name} runs would let the model write code`,
      readsShell
        ? `use \`shell: ${name}\` with a constant script, which gets its values as $arg_NAME`
        : "pass the value as an argument after the constant text",
    );
  });
}
