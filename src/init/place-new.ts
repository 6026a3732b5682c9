import { link, mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a new file, whole or not at all; rejects with EEXIST where something stands there, a link too. */
export async function placeNew(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.new`;
  try {
    await write(draft, text);
    await link(draft, path).catch(async (error: NodeJS.ErrnoException) => {
      // Some file systems have no hard links.
      if (error.code === "EEXIST") throw error;
      await write(path, text);
    });
  } finally {
    await rm(draft, { force: true });
  }
}

async function write(path: string, text: string): Promise<void> {
  await using file = await open(path, "wx", 0o644);
  await file.writeFile(text);
  await file.sync();
}
