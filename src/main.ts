import { readFileSync } from "node:fs";
import { currentHost } from "./base/host.ts";
import { runProgram } from "./cli/program.ts";

/** Streams and argv in, exit code out. */
export async function main(): Promise<void> {
  const { stdin, stdout, stderr } = process;
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  process.exitCode = await runProgram(process.argv.slice(2), {
    stdin,
    stdout,
    stderr,
    host: currentHost(),
    cwd: process.cwd(),
    version,
  });
}
