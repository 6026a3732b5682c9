import { existsSync, realpathSync, renameSync } from "node:fs";
import { heldCalls } from "./claim.ts";
import type { Fault } from "./sqlite.ts";

/** Throws for a damaged file that may be somebody else's: it stays where it is. */
export function checkOurs(path: string, { text }: Fault): void {
  if (!heldCalls(path))
    throw new Error(`${text}, and is not known to hold calls: move it away, or set another \`database_path\``);
}

/** Keeps a damaged database beside, for whoever wants to save it. The journal goes first: a new one would take it for its own. */
export function moveAside(path: string): string {
  const from = realpathSync(path);
  const to = `${from}.corrupt-${new Date().toISOString().replaceAll(/[-:.]/g, "")}`;
  for (const suffix of ["-wal", "-shm", ""]) if (existsSync(from + suffix)) renameSync(from + suffix, to + suffix);
  return to;
}
