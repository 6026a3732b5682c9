import { closeSync, openSync, readSync } from "node:fs";
import { refuse } from "../base/refusal.ts";
import { statOf } from "../base/stat.ts";
import type { Values } from "../command/arguments.ts";
import type { Command, ShellProgram } from "../command/command.ts";
import { lookUp } from "../command/lookup.ts";
import { textOf } from "../command/render.ts";
import type { LocalPlan } from "./local-plan.ts";

/** Says why a program that the plan does not know cannot be started. */
export function missing(plan: LocalPlan): never {
  const name = plan.argv[0];
  const path = plan.env.find((variable) => variable.name === "PATH")?.value ?? "";
  const found = lookUp(name, path);
  if ("fault" in found && found.fault === "not_executable")
    throw refuse(
      "program.not_executable",
      `${name} is there, but cannot be executed; give it the permission, or correct the catalogue`,
    );
  throw refuse(
    "program.missing",
    name.includes("/")
      ? `there is no program ${name}`
      : `${name} was not found in PATH (${path}); install it, or set PATH for the command`,
  );
}

/** The working directory must be a folder. */
export function checkFolder(cwd: string): void {
  const isFolder = statOf(cwd)?.isDirectory() === true;
  if (!isFolder) throw refuse("cwd.missing", `the working directory ${cwd} does not exist or is not a folder`);
}

/**
 * Refuses what the system would not execute, before a wrapper could hide that: a script whose interpreter is not there, and text
 * that names none.
 */
export function checkProgram(path: string, { argv }: LocalPlan): void {
  const head = headOf(path);
  if (head === undefined) return;
  if (head === null) throw refuse("program.missing", `${argv[0]} is not at ${path} any more; install it again`);
  const interpreter = /^#![ \t]*([^\s\0]+)/.exec(head)?.[1];
  if (interpreter !== undefined && statOf(interpreter) === undefined)
    throw refuse("program.missing", `${argv[0]} could not be started: its interpreter ${interpreter} does not exist`);
  refuseText(head, argv[0]);
}

/** Refuses text that names no interpreter, which only a shell would run. */
export function checkText(path: string, name: string): void {
  refuseText(headOf(path) ?? "", name);
}

function refuseText(head: string, name: string): void {
  if (isText(head))
    throw refuse(
      "program.not_executable",
      `${name} is neither a program nor a script that names its interpreter in its first line (\`#!\`)`,
    );
}

function isText(head: string): boolean {
  return head !== "" && !head.startsWith("#!") && !head.includes("\0");
}

/** The first bytes of a file; null when it is not there, undefined when we may run it, but not read it. */
function headOf(path: string): string | null | undefined {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(256);
      return bytes.toString("latin1", 0, readSync(file, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? null : undefined;
  }
}

/** The script is one constant argument; what follows it is `$0`, then `"$@"`. */
export function shellArgv({ shell, script }: ShellProgram): readonly [string, ...string[]] {
  if (shell === "bash") return ["bash", "--noprofile", "--norc", "-c", script];
  return shell === "pwsh" ? ["pwsh", "-NoProfile", "-NonInteractive", "-Command", script] : ["sh", "-c", script];
}

/** The texts of arguments that are never shown. */
export function secretArguments(command: Command, values: Values): readonly string[] {
  const secret = command.params.filter((parameter) => parameter.secret && values.has(parameter.name));
  return secret.flatMap(({ name }) => [values.get(name)].flat().map(textOf));
}
