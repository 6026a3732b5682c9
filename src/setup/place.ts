import { readdirSync } from "node:fs";
import { delimiter, dirname, join, normalize } from "node:path";
import type { Host } from "../base/host.ts";
import { statOf } from "../base/stat.ts";
import type { Client, PerSystem } from "./client.ts";

/** What decides where files of clients are. */
export type Where = Pick<Host, "platform" | "env" | "home">;

/** Where a client reads of servers; the files of which nobody can tell which one it reads; or how its user adds one by hand. */
export type Place = { readonly file: string } | { readonly several: readonly string[] } | { readonly byHand: string };

/** The file of a user, or of a project in a folder; undefined: the client reads none there. */
export function placeFor(client: Client, where: Where, project: string | null): Place | undefined {
  if (project === null) return placeOf(client, where);
  const file = likeliest(client.project.map((each) => join(project, each)));
  return file === undefined ? undefined : { file };
}

/**
 * The file of a user. A package of the Windows Store reads a copy of its own: the one that is there counts, then a classic file that is
 * there, then the place of the package. Of several classic files the likeliest counts.
 */
export function placeOf(client: Client, where: Where): Place {
  if (typeof client.user === "string") return { byHand: client.user };
  const patterns = patternsOf(client.user, where.platform);
  const ofPackages = patterns.filter(isOfPackage).flatMap((pattern) => expand(pattern, where));
  const classic = patterns.filter((pattern) => !isOfPackage(pattern)).flatMap((pattern) => expand(pattern, where));
  const there = ofPackages.filter(isThere);
  const packaged = there.length > 0 ? there : classic.some(isThere) ? [] : ofPackages;
  const [file = likeliest(classic) ?? "", ...others] = packaged;
  return others.length > 0 ? { several: [file, ...others] } : { file };
}

/** The first file that is there, else the first whose folder is, else the first; undefined: there are none to choose from. */
function likeliest(files: readonly string[]): string | undefined {
  return files.find(isThere) ?? files.find((file) => isThere(dirname(file))) ?? files[0];
}

/** What shows that a client is on this machine; undefined when nothing does. */
export function evidenceOf({ signs, user }: Client, where: Where): string | undefined {
  const files = typeof user === "string" ? [] : patternsOf(user, where.platform);
  const paths = [...files, ...patternsOf(signs.paths, where.platform)];
  const path = paths.flatMap((pattern) => expand(pattern, where)).find(isSign);
  return path ?? signs.programs.map((name) => programOf(name, where)).find((found) => found !== undefined);
}

/** An empty folder is left behind by many a program, and is no proof. */
function isSign(path: string): boolean {
  const stat = statOf(path);
  return stat !== undefined && (!stat.isDirectory() || listed(path).length > 0);
}

/** Where a program is on PATH; undefined: nowhere. */
export function programOf(name: string, { env, platform }: Where): string | undefined {
  const endings = platform === "win32" ? [".exe", ".cmd"] : [""];
  const folders = (env["PATH"] ?? "").split(platform === "win32" ? ";" : delimiter).filter((folder) => folder !== "");
  return folders
    .flatMap((folder) => endings.map((ending) => join(folder, `${name}${ending}`)))
    .find((path) => statOf(path)?.isFile());
}

function patternsOf(patterns: PerSystem, platform: NodeJS.Platform): readonly string[] {
  if (!("linux" in patterns)) return patterns;
  return platform === "darwin" || platform === "win32" ? patterns[platform] : patterns.linux;
}

/** The paths that a pattern stands for: `~`, `${NAME:-otherwise}`, and one `*` at the end of a folder's name. */
function expand(pattern: string, { env, home }: Where): readonly string[] {
  const path = pattern
    .replaceAll(/\$\{(\w+):-([^}]*)\}/g, (_, name: string, otherwise: string) => env[name] || otherwise)
    .replace(/^~(?=\/|$)/, () => home);
  const [, folder, start = "", rest = ""] = /^(.*)\/([^/]*)\*([^*]*)$/.exec(path) ?? [];
  if (!isOfPackage(pattern) || folder === undefined) return [normalize(path)];
  return listed(folder)
    .filter((name) => name.startsWith(start))
    .toSorted()
    .map((name) => normalize(`${folder}/${name}${rest}`));
}

function isOfPackage(pattern: string): boolean {
  return pattern.includes("*");
}

function isThere(path: string): boolean {
  return statOf(path) !== undefined;
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
