import { constants } from "node:fs";
import { chmod, copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { stateFolder } from "../base/state-folder.ts";
import type { Where } from "./place.ts";

/** How many copies are kept of a client. */
const MOST = 50;

/**
 * Copies a client's file to where its user alone reads it, and gives the path of the copy. Not beside the file: clients and their
 * uninstallers read what stands there. Of many copies the oldest go.
 */
export async function copyToState(where: Pick<Where, "env" | "home">, client: string, path: string): Promise<string> {
  const folder = join(stateFolder(where), "backups", client);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const time = new Date().toISOString().replaceAll(":", "-");
  for (let count = 0; ; count++) {
    const backup = join(folder, `${time}${count === 0 ? "" : `.${count}`}-${basename(path)}`);
    try {
      await copyFile(path, backup, constants.COPYFILE_EXCL);
      await chmod(backup, 0o600);
      // Their names begin with the time.
      const old = (await readdir(folder)).toSorted().slice(0, -MOST);
      await Promise.all(old.map((name) => rm(join(folder, name), { force: true })));
      return backup;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
