import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
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
    await take(file, own);
    try {
      return await act();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** A link is made whole: nobody sees a lock that does not say yet whose it is. */
async function take(file: string, own: string): Promise<void> {
  for (const until = performance.now() + PATIENCE_MS; ;) {
    try {
      await link(own, file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (performance.now() > until)
      throw new Error(`another mcpfier is at work, as ${file} says: try again, or remove that file`);
    const owner = await readFile(file, "utf8").catch(() => undefined);
    if (owner !== undefined && isDead(owner)) await takeAway(file, `${own}.old`, owner);
    else await wait(PAUSE_MS);
  }
}

/** Of several that found it dead one moves it; who moved what another took since then puts that back. */
async function takeAway(file: string, aside: string, owner: string): Promise<void> {
  try {
    await rename(file, aside);
    if ((await readFile(aside, "utf8")) !== owner) await link(aside, file);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}
