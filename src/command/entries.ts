import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";

/** What stands in a folder, so many entries at most, in the order of their names; nothing where it cannot be read. */
export async function entriesOf(folder: string, most: number): Promise<readonly Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      entries.push(entry);
      if (entries.length >= most) break;
    }
  } catch {
    // It cannot be read, or went meanwhile.
  }
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
