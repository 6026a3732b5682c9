import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { log } from "../base/log.ts";
import { isLeft, ownedName } from "../base/owner.ts";
import { system } from "./system.ts";

const ATTEMPTS = 5;
const PAUSE_MS = 20;

/** The folder of a call's private files; it says whose it is. */
export function privateFolder(callId: string): string {
  return join(tmpdir(), ownedName(callId));
}

/** Removes a folder with all that is in it; what does not go stays for the next start, and for nobody else's eyes. */
export async function removeFolder(path: string, callId?: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await system.rm(path, { recursive: true, force: true });
    } catch (error) {
      if (attempt === ATTEMPTS)
        return log.warn({ callId, path, error }, "a private folder stays; the next start removes it");
      await sleep(PAUSE_MS);
    }
  }
}

/** Removes the folders that dead servers left. */
export async function sweepFolders(): Promise<void> {
  for (const name of namesIn(tmpdir())) {
    if (isLeft(name)) await removeFolder(join(tmpdir(), name));
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return system.readdirSync(folder);
  } catch {
    return [];
  }
}
