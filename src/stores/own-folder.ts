import { join } from "node:path";
import type { Files, OpenFile } from "../base/files.ts";

/** The folder of this process among the records, made when it is first needed. */
export interface OwnFolder {
  /** Makes a new file; one of the same name, of an attempt before, is replaced. */
  create(name: string): Promise<OpenFile>;
  /** Those that are there, one after the other. */
  remove(names: readonly string[]): Promise<void>;
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
      return await createIn(name);
    } catch (error) {
      // The folder was removed under us.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      made = undefined;
      return createIn(name);
    }
  }

  async function createIn(name: string): Promise<OpenFile> {
    await (made ??= make().catch((error: unknown) => {
      // The next one makes it again.
      made = undefined;
      throw error;
    }));
    try {
      return await files.create(pathOf(name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      await files.unlink(pathOf(name));
      return files.create(pathOf(name));
    }
  }

  async function make(): Promise<void> {
    await files.mkdir(own);
    const { uid, mode } = await files.stat(folder);
    if (uid !== (process.getuid?.() ?? uid) || (mode & 0o022) !== 0)
      throw new Error("others can write to the folder of the records: run `chmod 700` on it, or remove it");
  }

  async function remove(names: readonly string[]): Promise<void> {
    for (const name of names) await files.unlink(pathOf(name)).catch(() => undefined);
  }

  async function close(): Promise<void> {
    if (made) await files.rmdir(own).catch(() => undefined);
  }

  return { create, remove, pathOf, close };
}
