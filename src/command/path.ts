import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { Complaint } from "../base/refusal.ts";
import { statOf } from "../base/stat.ts";
import type { PathRule } from "./command.ts";

/** PATH_MAX of Linux. */
const LONGEST = 4096;

/**
 * The real absolute path of a value, or why it is refused. Links are followed on both sides; of a path that does not exist
 * yet, its nearest existing parent is. A relative path begins at the first root. What is checked here may be swapped before
 * the program opens it; against that only a container or a mount namespace helps.
 */
export function confine(value: string, rule: PathRule): { readonly path: string } | Complaint {
  const roots = rule.roots.map((root) => realPath(root) ?? root);
  if (Buffer.byteLength(value) > LONGEST)
    return { code: "path.invalid", text: `is longer than ${LONGEST} bytes; expected a path` };
  if (value === "") return { code: "path.invalid", text: "is empty; expected a path" };
  const path = realPath(resolve(roots[0] ?? "/", value));
  if (path === undefined)
    return {
      code: "path.invalid",
      text: `${quote(value)} cannot be resolved: a symbolic link on it is broken, or a part of it is a file, too long or not readable`,
    };
  if (!roots.some((root) => isInside(root, path))) {
    const allowed = rule.roots.map(quote).join(" or ");
    return { code: "path.outside", text: `${quote(value)} leads to ${quote(path)}, which is not inside ${allowed}` };
  }
  const fault = kindFault(path, rule.exists);
  return fault === undefined ? { path } : { code: "path.invalid", text: `${quote(value)} ${fault}` };
}

/** Whether a real path is a root or lies below it; `/a-b` does not lie below `/a`. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The path with all links followed as far as it exists; undefined when a broken link or a circle of links is on it. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    if (exists(path)) return undefined;
    const parent = dirname(path);
    if (parent === path) return path;
    const real = realPath(parent);
    return real === undefined || isFile(real) ? undefined : join(real, basename(path));
  }
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

function isFile(path: string): boolean {
  return statOf(path)?.isDirectory() === false;
}

function kindFault(path: string, expected: PathRule["exists"]): string | undefined {
  if (expected === null) return undefined;
  const found = statOf(path);
  if (expected === "absent") return found ? "exists already; expected a path where nothing stands yet" : undefined;
  if (!found)
    return `does not exist; expected ${expected === "any" ? "a file or folder" : `a ${expected === "dir" ? "folder" : "file"}`}`;
  if (expected === "file" && !found.isFile()) return "is not a file; expected one";
  if (expected === "dir" && !found.isDirectory()) return "is not a folder; expected one";
  return undefined;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
