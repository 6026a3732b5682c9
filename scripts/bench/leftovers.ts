// What runs that were killed could not remove: the number of the process that made it stands in its name.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Removes what a folder holds under such a name, unless its first group is the number of a process that runs. */
export function sweep(folder: string, name: RegExp, remove: (path: string) => void = removeAll): void {
  for (const each of existsSync(folder) ? readdirSync(folder) : []) {
    const found = name.exec(each);
    if (found === null || existsSync(`/proc/${found[1]}`)) continue;
    try {
      remove(join(folder, each));
    } catch {
      // It is another user's.
    }
  }
}

function removeAll(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
