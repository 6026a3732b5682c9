import { readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDead, ownerId } from "../base/owner.ts";

const PREFIX = "mcpfier-";

/** The folder of a call's private files; it says whose it is. */
export function privateFolder(callId: string): string {
  return join(tmpdir(), `${PREFIX}${ownerId()}-${callId}`);
}

/** Removes the folders that dead servers left. */
export function sweepFolders(): void {
  for (const name of namesIn(tmpdir())) {
    const owner = name.slice(PREFIX.length).split("-", 3).join("-");
    if (name.startsWith(PREFIX) && isDead(owner)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
