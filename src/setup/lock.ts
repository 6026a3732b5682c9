import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isDead, ownerId } from "../base/owner.ts";

const PATIENCE_MS = 10_000;
const PAUSE_MS = 20;

/** Does something while no other mcpfier holds the same file; rejects when one holds it for 10 seconds. One that died holds nothing. */
export async function alone<T>(file: string, act: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, ownerId(), { flag: "wx", mode: 0o600 });
  try {
    for (const until = performance.now() + PATIENCE_MS; !(await isTaken(file, own)); await wait(PAUSE_MS))
      if (performance.now() > until)
        throw new Error(`another mcpfier is at work, as ${file} says: try again, or remove that file`);
    try {
      return await act();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** Tries to take a lock; that of one who died is taken away first. A link is made whole: nobody sees a lock that does not say yet whose it is. */
async function isTaken(file: string, own: string): Promise<boolean> {
  if (await isLinked(own, file)) return true;
  const owner = await ownerOf(file);
  if (owner === undefined || !isDead(owner)) return false;
  // Only who holds the right to it removes the lock of one who died, so that it is still that lock when it goes.
  const right = `${file}.${owner}`;
  if (!(await isTaken(right, own))) return false;
  try {
    if ((await ownerOf(file)) === owner) await rm(file);
  } finally {
    await rm(right, { force: true });
  }
  return isLinked(own, file);
}

async function isLinked(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function ownerOf(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
