// The peers, in a folder outside the project: it must never depend on them.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sweep } from "./leftovers.ts";

const MANIFEST = fileURLToPath(new URL("peers", import.meta.url));
const LOCK = join(MANIFEST, "package-lock.json");

/** The folder that they are installed in, once for each lock; no script of theirs is run. */
export function install(): string {
  const version = createHash("sha256").update(readFileSync(LOCK)).digest("hex").slice(0, 12);
  const folder = join(cache(), version);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}.new`;
  mkdirSync(fresh, { recursive: true });
  cpSync(MANIFEST, fresh, { recursive: true });
  const words = [
    "ci",
    "--prefix",
    fresh,
    "--ignore-scripts",
    "--omit=dev",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  try {
    execFileSync("npm", words, { cwd: fresh, stdio: ["ignore", "ignore", "inherit"] });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return folder;
}

/** Removes what installs of runs that were killed had so far. */
export function sweepInstalls(): void {
  sweep(cache(), /(?:\.(\d+))?\.new$/);
}

function cache(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "mcpfier-bench-peers");
}

export interface Size {
  readonly megabytes: number;
  readonly packages: number;
}

interface Locked {
  readonly dependencies?: object;
  readonly optionalDependencies?: object;
  readonly peerDependencies?: object;
}

/** What an installation of this one alone would hold: the packages that it reaches in the lock, itself among them. */
export function sizeOfPeer(folder: string, name: string): Size {
  const { packages } = JSON.parse(readFileSync(LOCK, "utf8")) as { readonly packages: Record<string, Locked> };
  const reached = new Set<string>();
  const visit = (place: string): void => {
    if (reached.has(place) || !existsSync(join(folder, place))) return;
    reached.add(place);
    const { dependencies, optionalDependencies, peerDependencies } = packages[place] ?? {};
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const found = resolveFrom(place, needed, packages);
      if (found !== undefined) visit(found);
    }
  };
  visit(`node_modules/${name}`);
  const bytes = [...reached].reduce((sum, place) => sum + bytesOf(join(folder, place)), 0);
  return { megabytes: bytes / 1e6, packages: reached.size };
}

/** As Node looks for a package: beside the one that asks for it, then further up. */
function resolveFrom(place: string, needed: string, packages: Record<string, Locked>): string | undefined {
  for (let at = place; at !== "."; at = dirname(at)) {
    const found = join(at, "node_modules", needed);
    if (found in packages) return found;
  }
  const top = `node_modules/${needed}`;
  return top in packages ? top : undefined;
}

/** A package's files, without those of the packages inside it. */
function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? sum : sum + bytesOf(path);
    return entry.isFile() ? sum + statSync(path).size : sum;
  }, 0);
}
