import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { statOf } from "../base/stat.ts";

export type Lookup = { readonly path: string } | { readonly fault: "missing" | "not_executable" };

/**
 * The absolute path of a program. A name with a slash is looked at as it is; others are looked up in the absolute folders of
 * PATH: a relative entry would let whoever may write to the working directory decide what runs.
 */
export function lookUp(name: string, path: string): Lookup {
  if (name.includes("/")) return inspect(name);
  let fault: Lookup = { fault: "missing" };
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const found = inspect(join(folder, name));
    if ("path" in found) return found;
    if (found.fault === "not_executable") fault = found;
  }
  return fault;
}

function inspect(path: string): Lookup {
  const stat = statOf(path);
  if (!stat) return { fault: "missing" };
  if (!stat.isFile()) return { fault: "not_executable" };
  try {
    accessSync(path, constants.X_OK);
    return { path };
  } catch {
    return { fault: "not_executable" };
  }
}
