import { randomUUID } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { statOf } from "../base/stat.ts";

/** Whether it is this user's, and nobody else may write to it: what runs comes from here. */
export function isOurs(path: string): boolean {
  const stat = statOf(path);
  return stat !== undefined && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0;
}

/** Puts a file there at once, for this user alone. Throws where that cannot be. */
export function put(path: string, contents: string | Buffer): void {
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, contents, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
