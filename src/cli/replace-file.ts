import { constants } from "node:fs";
import { copyFile, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Source } from "../catalogue/source.ts";

const BOM = "\uFEFF";

/**
 * Puts a text in the place of a file that was read, whole or not at all, and answers with the path of the copy of what was there.
 * Links are followed; rights and a byte order mark stay; the copy stands beside it, unless `copy` makes it elsewhere. Rejects when the file changed
 * since it was read, and when it would become somebody else's.
 */
export async function replaceFile(
  { path, text: before }: Source,
  text: string,
  copy: (path: string) => Promise<string> = copyBeside,
): Promise<string> {
  const { mode, uid, gid } = await stat(path);
  const mark = (await readFile(path, "utf8")).startsWith(BOM) ? BOM : "";
  await expectSame(path, `${mark}${before}`);
  const backup = await copy(path);
  const next = `${path}.${process.pid}.new`;
  try {
    const file = await open(next, "wx", mode & 0o777);
    try {
      await file.writeFile(`${mark}${text}`);
      await file.chmod(mode & 0o777);
      const made = await file.stat();
      if (made.uid !== uid || made.gid !== gid) await file.chown(uid, gid).catch(refuse);
      await file.sync();
    } finally {
      await file.close();
    }
    await sync(backup);
    // As late as can be: what an editor saved while this was written must not be lost.
    await expectSame(path, `${mark}${before}`);
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    await rm(backup, { force: true });
    throw error;
  }
  await sync(dirname(path));
  return backup;
}

/** Only root may give files away. */
function refuse(): never {
  throw new Error("it is another user's or another group's, and would become yours");
}

async function expectSame(path: string, text: string): Promise<void> {
  if ((await readFile(path, "utf8")) !== text) throw new Error("it changed in the meantime");
}

/** Has a file, or the names in a folder, outlive a crash of the machine; not every system can do that for a folder. */
async function sync(path: string): Promise<void> {
  try {
    await using file = await open(path);
    await file.sync();
  } catch {
    // It is there all the same, and the system writes it when it likes.
  }
}

/** No copy that is there already is lost. */
async function copyBeside(path: string): Promise<string> {
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
