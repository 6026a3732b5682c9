import { constants } from "node:fs";
import { copyFile, open, readFile, rename, rm, stat } from "node:fs/promises";
import type { Source } from "../catalogue/source.ts";

const BOM = "\uFEFF";

/**
 * Puts a text in the place of a file that was read, whole or not at all, and answers with the path of the copy of what was there.
 * Links are followed; rights and a byte order mark stay. Rejects when the file changed since it was read.
 */
export async function replaceFile({ path, text: before }: Source, text: string): Promise<string> {
  const { mode, uid, gid } = await stat(path);
  const now = await readFile(path, "utf8");
  const mark = now.startsWith(BOM) ? BOM : "";
  if (now !== `${mark}${before}`) throw new Error("it changed in the meantime");
  const backup = await copyAside(path);
  const next = `${path}.${process.pid}.new`;
  try {
    const file = await open(next, "wx", mode & 0o777);
    try {
      await file.writeFile(`${mark}${text}`);
      await file.chmod(mode & 0o777);
      // Only root may give files away; whose it is matters less than that it is there.
      await file.chown(uid, gid).catch(() => undefined);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    await rm(backup, { force: true });
    throw error;
  }
  return backup;
}

/** No copy that is there already is lost. */
async function copyAside(path: string): Promise<string> {
  for (let count = 0; ; count++) {
    const backup = count === 0 ? `${path}.bak` : `${path}.${count}.bak`;
    try {
      await copyFile(path, backup, constants.COPYFILE_EXCL);
      return backup;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
