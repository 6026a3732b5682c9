// The package as it is published, and as users install it.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Builds the project in the current folder, and packs it into another one; the path of the package. */
export function pack(into: string): string {
  const printed = npm(["pack", `--pack-destination=${into}`], { caches: into });
  return join(into, printed.trim().split("\n").at(-1) ?? "");
}

/** Installs a package into an empty folder, which is made, without a network; the path of what is installed. */
export function install(tarball: string, where: string): string {
  mkdirSync(where);
  npm(["install", "--offline", "--no-audit", "--no-fund", tarball], { cwd: where, caches: where });
  return join(where, "node_modules/mcpfier");
}

export interface NpmOptions {
  readonly cwd?: string;
  /** A folder in which npm remembers what it fetched. */
  readonly caches: string;
}

/** What npm prints. */
export function npm(words: readonly string[], { cwd = ".", caches }: NpmOptions): string {
  const own = [`--cache=${join(caches, "npm")}`, "--loglevel=error", "--no-update-notifier"];
  return execFileSync("npm", [...words, ...own], { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
