import { mkdir, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { statOf } from "../base/stat.ts";
import type { Where } from "./place.ts";
import { readState, writeState } from "./state.ts";

const FILE = "folders.json";

/** Makes a folder and what is missing above it, and notes them before, so that they go again. Only for who has the turn. */
export async function makeFolders(where: Where, folder: string): Promise<void> {
  const missing = withAbove(folder).filter((each) => statOf(each) === undefined);
  if (missing.length > 0) await note(where, [...madeIn(where).filter((each) => !missing.includes(each)), ...missing]);
  await mkdir(folder, { recursive: true });
}

/** Removes a folder and those above it that were made for files, as far as nothing is left in them. Only for who has the turn. */
export async function removeFolders(where: Where, folder: string): Promise<void> {
  const made = madeIn(where);
  if (made.length === 0) return;
  for (const each of withAbove(folder)) {
    if (!made.includes(each)) continue;
    // Others may have something in it by now.
    await rmdir(each).catch(() => undefined);
  }
  await note(
    where,
    made.filter((each) => statOf(each) !== undefined),
  );
}

/** Clients share folders, so that the one that made a folder may not be the last to leave it. */
function madeIn(where: Where): readonly string[] {
  try {
    const known = readState(where, FILE);
    return Array.isArray(known) ? known.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

function note(where: Where, made: readonly string[]): Promise<void> {
  return writeState(where, FILE, made.length === 0 ? null : made);
}

/** A folder and all above it, the innermost first. */
function withAbove(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...withAbove(above)];
}
