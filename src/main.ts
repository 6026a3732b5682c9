import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { currentHost } from "./base/host.ts";
import { runProgram } from "./cli/program.ts";

declare const MCPFIER_BUILD: string | undefined;

/** Streams and argv in, exit code out. */
export async function main(): Promise<void> {
  const { stdin, stdout, stderr } = process;
  // A reader that has seen enough (`mcpfier list | head`) is no mistake; what must stop then listens for itself.
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  process.exitCode = await runProgram(process.argv.slice(2), {
    stdin,
    stdout,
    stderr,
    host: currentHost(),
    cwd: workingFolder(),
    version,
    build: buildOf(version),
    packageFolder: fileURLToPath(new URL("..", import.meta.url)),
  });
}

/** A working directory that was removed has no name any more; what names its files absolutely needs none. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return "/";
  }
}

/** The bundle carries the digest of its sources; the sources themselves differ with every start. */
function buildOf(version: string): string {
  return typeof MCPFIER_BUILD === "string" ? `${version}-${MCPFIER_BUILD}` : `${version}-${process.pid}`;
}
