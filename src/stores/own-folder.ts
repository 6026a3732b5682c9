import { join } from "node:path";
import type { Files, OpenFile } from "../base/files.ts";

/** The folder of this process among the records, made when it is first needed. */
export interface OwnFolder {
  /** Makes a new file; one of the same name, of an attempt before, is replaced. */
  create(name: string): Promise<OpenFile>;
  pathOf(name: string): string;
  /** Removes it if nothing is in it. */
  close(): Promise<void>;
}

export function createOwnFolder(files: Files, folder: string, owner: string): OwnFolder {
  const own = join(folder, owner);
  const pathOf = (name: string): string => join(own, name);
  let made: Promise<void> | undefined;

  async function create(name: string): Promise<OpenFile> {
    try {
      await (made ??= make());
      return await files.create(pathOf(name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") {
        await files.unlink(pathOf(name));
        return files.create(pathOf(name));
      }
      // The next one makes it again.
      made = undefined;
      throw error;
    }
  }

  async function make(): Promise<void> {
    await files.mkdir(own);
    const { uid, mode } = await files.stat(folder);
    if (uid !== (process.getuid?.() ?? uid) || (mode & 0o022) !== 0)
      throw new Error(`others can write to ${folder}: run \`chmod 700\` on it, or remove it`);
  }

  async function close(): Promise<void> {
    if (made) await files.rmdir(own).catch(() => undefined);
  }

  return { create, pathOf, close };
}
