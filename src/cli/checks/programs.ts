import type { Command } from "../../command/command.ts";
import { lookUp } from "../../command/lookup.ts";
import { plural } from "../print.ts";
import { type Check, DESKTOP_PATH, type Finding } from "./check.ts";
import { type Told, ours, told } from "./told.ts";

/** Whether the programs of the commands are found, and whether a server finds them that a desktop application starts. */
export const checkPrograms: Check = async ({ host }, found) => {
  const { catalogue, isReproducible = true } = found?.loaded ?? {};
  const programs = [...byProgram(catalogue?.commands ?? [])];
  if (programs.length === 0) return [];
  const findings = programs.flatMap(([name, commands]): readonly Finding[] => {
    const of = told`of ${ours(commands.map((command) => command.name).join(", "))}`;
    if (commands.some(({ program }) => program.path === null))
      return [finding("error", told`${name} ${of} was not found`, `install ${name}, or write its absolute path`)];
    const own = commands.every(({ env }) => env.set["PATH"] !== undefined);
    // With a login shell's PATH it does not matter who starts the server.
    if (!isReproducible || own || host.platform === "win32" || "path" in lookUp(name, DESKTOP_PATH)) return [];
    const text = told`${name} ${of} is not on the PATH of desktop applications (${ours(DESKTOP_PATH)})`;
    return [finding("warning", text, "set `defaults: { env: { login_path: true } }` in the catalogue")];
  });
  const bad = findings.length;
  const all =
    bad === 0 ? plural(programs.length, "program") : `${programs.length - bad} of ${programs.length} programs`;
  return [finding("fine", told`${ours(all)} found, with the PATH of a desktop application as well`, ""), ...findings];
};

function byProgram(commands: readonly Command[]): ReadonlyMap<string, readonly Command[]> {
  const programs = new Map<string, Command[]>();
  for (const command of commands) {
    const { program, container, webhook } = command;
    if (container || webhook) continue;
    const name = program.kind === "shell" ? program.shell : program.name;
    programs.set(name, [...(programs.get(name) ?? []), command]);
  }
  return programs;
}

function finding(status: Finding["status"], text: Told, mend: string): Finding {
  return { status, name: "programs", text, mend };
}
