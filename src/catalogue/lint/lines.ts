import type { Command } from "../../command/command.ts";
import { isShell } from "../program.ts";
import { elementsOf, programOf } from "./argv.ts";

/** A program and its arguments, each a word; the programs that only start another one are taken away. */
export type Line = readonly string[];

/** A parameter inside of a word of an argv list; no text of a catalogue holds a NUL. */
export function markOf(name: string): string {
  return `\0${name}\0`;
}

/** What a command runs, as far as it can be read: its argv, or the simple commands of its script. */
export function linesOf(command: Command): readonly Line[] {
  const { program, webhook } = command;
  if (webhook) return [];
  if (program.kind === "shell") return program.shell === "pwsh" ? [] : scriptLines(program.script);
  const words = elementsOf(command).map((template) =>
    template.map((part) => (typeof part === "string" ? part : markOf(part.param))).join(""),
  );
  const line = unwrapped([programOf(command), ...words]);
  const script = isShell(line[0] ?? "") ? line[line.findIndex((word) => /^-[a-z]*c$/.test(word)) + 1] : undefined;
  return script === undefined || script === line[0] ? [line] : [line, ...scriptLines(script)];
}

/** The words of the simple commands of a script, roughly: what stands in quotes is one word, and what is inside of it is not read. */
function scriptLines(script: string): readonly Line[] {
  const text = script
    .replaceAll("\\\n", " ")
    .replaceAll(/<<<\s*(?:"[^"]*"|'[^']*'|\S+)/g, "")
    .replaceAll(/<<-?\s*(["']?)(\w+)\1[\s\S]*?^\s*\2$/gm, "");
  const pieces = text.match(/(?:"(?:\\[\s\S]|[^"\\])*"|'[^']*'|\\[\s\S]|[^\s;&|(){}"'\\])+|[;&|(){}\n]|#.*/g) ?? [];
  const lines: string[][] = [[]];
  for (const piece of pieces) {
    if (/^[;&|(){}\n]$/.test(piece)) lines.push([]);
    else if (!piece.startsWith("#")) lines.at(-1)?.push(piece.replaceAll(/^(["'])(.*)\1$/gs, "$2"));
  }
  return lines.map((line) => unwrapped(line)).filter((line) => line.length > 0);
}

/** Programs that start the one behind them, with the options of theirs that a value follows. */
const WRAPPERS: Readonly<Record<string, readonly string[]>> = {
  sudo: ["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T"],
  doas: ["-u", "-C"],
  env: ["-u", "-C"],
  nice: ["-n"],
  ionice: ["-c", "-n", "-p"],
  timeout: ["-s", "-k"],
  stdbuf: ["-i", "-o", "-e"],
  xargs: ["-I", "-n", "-P", "-L", "-d", "-a", "-s"],
  nohup: [],
  setsid: [],
  time: [],
  command: [],
  exec: [],
  busybox: [],
  uv: ["--with", "--python", "-p", "--project"],
  poetry: [],
  pipenv: [],
  pdm: [],
  bundle: [],
};
/** Those that do it by a word only. */
const BY_WORD: Readonly<Record<string, string>> = {
  uv: "run",
  poetry: "run",
  pipenv: "run",
  pdm: "run",
  bundle: "exec",
};
const KEYWORD = /^(?:if|then|else|elif|while|until|do|!)$/;
const ASSIGNMENT = /^[A-Za-z_]\w*=/;

function unwrapped(line: Line): Line {
  let rest = line;
  for (;;) {
    const [first = "", ...more] = rest;
    const name = first.slice(first.lastIndexOf("/") + 1);
    const skipped = KEYWORD.test(first) || ASSIGNMENT.test(first) ? 1 : wrapping(name, more);
    if (skipped === 0 || skipped >= rest.length) return first === "" ? [] : [name, ...more];
    rest = rest.slice(skipped);
  }
}

/** How many words stand before the program that this one starts; 0 where it starts none. */
function wrapping(name: string, words: Line): number {
  const valued = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  const word = BY_WORD[name];
  if (!valued || (word !== undefined && words[0] !== word)) return 0;
  let at = word === undefined ? 0 : 1;
  while (words[at]?.startsWith("-")) at += valued.includes(words[at] ?? "") ? 2 : 1;
  return at + (name === "timeout" ? 2 : 1);
}
