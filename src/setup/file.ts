import { isUtf8 } from "node:buffer";
import { access, constants, link, lstat, open, readFile, realpath, rm, stat } from "node:fs/promises";
import type { Stats } from "node:fs";
import { faultOf } from "../base/files.ts";
import type { Syntax } from "./format.ts";
import { LARGEST, LEEWAY, tooLarge } from "./formats.ts";

/**
 * A client's file as it was read: its real path and its text without a byte order mark; null: there is none. `lock`: why it must not be
 * written; empty: nothing is in the way. `isLink`: it stands somewhere else.
 */
export type Read =
  | { readonly path: string; readonly text: string | null; readonly lock: string; readonly isLink: boolean }
  | { readonly fault: string };

/** Reads a file that may be written then. What is no such file is told, and never written. */
export async function readForChange(file: string, syntax: Syntax): Promise<Read> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) return { fault: "it is no regular file" };
    if (stats.size > (LARGEST[syntax] + LEEWAY) * 1024) return { fault: `it is ${tooLarge(syntax)}` };
    const bytes = await readFile(file);
    if (!isUtf8(bytes)) return { fault: "it is not UTF-8" };
    return {
      path: await realpath(file),
      text: unmarked(bytes),
      lock: await lockOf(file, stats),
      isLink: (await lstat(file)).isSymbolicLink(),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") return { fault: faultOf(error) };
    const isLink = await lstat(file).then(
      () => true,
      () => false,
    );
    return isLink
      ? { fault: "it is a link that leads to nothing" }
      : { path: file, text: null, lock: "", isLink: false };
  }
}

/** Without a byte order mark. */
function unmarked(bytes: Buffer): string {
  return bytes.toString("utf8").replace(/^\uFEFF/, "");
}

/** Another file takes the place of this one, for which nobody asks its rights. */
async function lockOf(file: string, { mode, nlink }: Stats): Promise<string> {
  // Who made it read-only, against a client that writes into it, meant that.
  if ((mode & 0o222) === 0) return "it is read-only";
  if (nlink > 1) return "it is a hard link, and under its other names it would stay as it was";
  return access(file, constants.W_OK).then(
    () => "",
    () => "it is not yours to write",
  );
}

/** Makes a file that is not there, whole or not at all, for its user alone; rejects where something stands there by now. */
export async function createFile(path: string, text: string): Promise<void> {
  const next = `${path}.${process.pid}.new`;
  try {
    const file = await open(next, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(next, path);
  } finally {
    await rm(next, { force: true });
  }
}

/** Removes a file that nobody changed since it was read; answers with the path of the copy. Rejects when it changed. */
export async function removeFile(
  { path, text }: { readonly path: string; readonly text: string | null },
  copy: (path: string) => Promise<string>,
): Promise<string> {
  const backup = await copy(path);
  try {
    if (unmarked(await readFile(path)) !== text) throw new Error("it changed in the meantime");
    await rm(path);
  } catch (error) {
    await rm(backup, { force: true });
    throw error;
  }
  return backup;
}
