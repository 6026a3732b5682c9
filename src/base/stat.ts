import { type Stats, statSync } from "node:fs";

/** What stands at a path, links followed; undefined where nothing does, or where it cannot be told (a circle, no permission). */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
