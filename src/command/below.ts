import type { Dirent } from "node:fs";
import { join } from "node:path";
import type { PathRule } from "./command.ts";
import { entriesOf } from "./entries.ts";
import { confine } from "./path.ts";

/** Entries of one folder that are looked at. */
const MOST_ENTRIES = 10_000;

/**
 * The paths that begin with what was typed and that the rule allows, in order; folders end with `/`. Names that begin with a dot
 * are given where the dot was typed. Nothing where what was typed leads out of the roots.
 */
export async function pathsBelow(typed: string, rule: PathRule): Promise<readonly string[]> {
  const cut = typed.lastIndexOf("/") + 1;
  const [folder, leaf] = [typed.slice(0, cut), typed.slice(cut)];
  const found = confine(folder === "" ? "." : folder, { roots: rule.roots, exists: "dir" });
  if (!("path" in found)) return [];
  const wanted = (name: string): boolean => name.startsWith(leaf) && (leaf.startsWith(".") || !name.startsWith("."));
  const entries = (await entriesOf(found.path, MOST_ENTRIES)).filter(({ name }) => wanted(name));
  const paths = entries.flatMap((entry) => {
    const ending = endingOf(entry, join(found.path, entry.name), rule);
    return ending === null ? [] : [`${folder}${entry.name}${ending}`];
  });
  return paths.toSorted();
}

/** What a name ends with; null: it leads nowhere that the rule allows, not even as a folder on the way. */
function endingOf(entry: Dirent, path: string, { roots, exists }: PathRule): "/" | "" | null {
  const leadsTo = (kind: "dir" | "file"): boolean =>
    entry.isSymbolicLink()
      ? "path" in confine(path, { roots, exists: kind })
      : kind === "dir"
        ? entry.isDirectory()
        : entry.isFile();
  if (leadsTo("dir")) return "/";
  return (exists === null || exists === "file" || exists === "any") && leadsTo("file") ? "" : null;
}
