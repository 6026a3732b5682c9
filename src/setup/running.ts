import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Client } from "./client.ts";

/** Applications that write their file from memory, and what their processes are called. */
const WRITERS: Readonly<Record<string, RegExp>> = {
  // Claude Code's is `claude`.
  "claude-desktop": /(?:^|[\\/])(?:Claude\.app\/Contents\/MacOS\/Claude|Claude\.exe|claude-desktop)$/,
};

/** The process of a client that would undo what is written, in words; undefined: there is none, or none is known. */
export async function runningOf({ id }: Client, platform: NodeJS.Platform): Promise<string | undefined> {
  const pattern = WRITERS[id];
  if (!pattern) return undefined;
  const [program = "", ...args] = (platform === "win32" ? "tasklist /fo csv /nh" : "ps -A -o pid=,comm=").split(" ");
  try {
    const { stdout } = await promisify(execFile)(program, args, { timeout: 5000, maxBuffer: 16_000_000 });
    for (const line of stdout.split(/\r?\n/)) {
      const [, one = "", other = ""] =
        (platform === "win32" ? /^"([^"]*)","(\d+)"/ : /^\s*(\d+)\s+(.*)$/).exec(line) ?? [];
      const [pid, name] = platform === "win32" ? [other, one] : [one, other];
      if (pattern.test(name.trim())) return `process ${pid}`;
    }
  } catch {
    // A machine that does not tell has to be asked by its user.
  }
  return undefined;
}
