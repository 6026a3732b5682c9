import type { Dirent } from "node:fs";
import { join, matchesGlob } from "node:path";
import { refuse } from "../base/refusal.ts";
import { statOf } from "../base/stat.ts";
import { entriesOf } from "./entries.ts";
import { confine } from "./path.ts";
import type { FolderSource } from "./resource.ts";

/** Of a folder so many files are shown, so many names looked at, and so deep. */
const MOST_FILES = 1000;
const MOST_NAMES = 10_000;
const DEEPEST = 32;

/** The files of a folder, by their paths below it. */
export interface Listing {
  readonly files: readonly string[];
  /** The real paths of the folders that were looked into. */
  readonly folders: readonly string[];
  /** Whether there may be more of them. */
  readonly isCut: boolean;
}

/** In order of their paths. Links to files count where they lead to one inside, links to folders are not followed. */
export async function listFolder(source: FolderSource): Promise<Listing> {
  const root = rootOf(source);
  const files: string[] = [];
  const folders: string[] = [];
  let left = MOST_NAMES;

  async function look(way: string, depth: number): Promise<void> {
    folders.push(join(root, way));
    for (const entry of await entriesOf(join(root, way), Math.max(1, left))) {
      if (files.length > MOST_FILES || left === 0) return;
      left -= 1;
      const path = `${way}${entry.name}`;
      if (entry.isDirectory() && mayHold(source, path) && depth < DEEPEST) await look(`${path}/`, depth + 1);
      else if (isShown(source, path) && isFile(entry, root, path)) files.push(path);
    }
  }

  await look("", 0);
  return { files: files.slice(0, MOST_FILES), folders, isCut: files.length > MOST_FILES || left === 0 };
}

/** The real path of a folder; refused where it leads out of where it must lie. */
export function rootOf({ path, rule }: FolderSource): string {
  const found = confine(path, rule);
  if ("path" in found) return found.path;
  throw refuse(found.code, `the folder ${found.text}`);
}

/** Whether a path below the folder is one of its files, as it is listed, without ways around. */
export function holds(source: FolderSource, path: string): boolean {
  const isStraight = !path.includes("\0") && path.split("/").every((name) => !["", ".", ".."].includes(name));
  // What is not there could be made to keep a glob busy.
  return isStraight && statOf(join(source.path, path)) !== undefined && isShown(source, path);
}

function isShown({ files }: FolderSource, path: string): boolean {
  return files.some((glob) => matchesGlob(path, glob));
}

/** Hidden folders are looked into where a glob spells a dot out. */
function mayHold({ files }: FolderSource, path: string): boolean {
  return !/(?:^|\/)\.[^/]*$/.test(path) || files.some((glob) => /(?:^|\/)\./.test(glob));
}

function isFile(entry: Dirent, root: string, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return "path" in confine(path, { roots: [root], exists: "file" });
}
