// What the tests of the original's files share.
import { join } from "node:path";
import { type Ran, type RunOptions, folder, load, mcpfier } from "../rig.ts";

/** A file of the original with these commands. */
export function original(...commands: readonly string[]): string {
  return `commands:\n${commands.map((text) => `  - ${text}\n`).join("")}`;
}

export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const cwd = options.cwd ?? folder();
  return mcpfier(["-c", join(folder({ "config.yaml": file }), "config.yaml"), ...args], { ...options, cwd });
}

export async function findings(file: string): Promise<readonly string[]> {
  const { problems } = await load(file);
  return problems.map(({ line, severity, rule, message }) => `${line} ${severity} ${rule}: ${message}`);
}
