import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Host } from "../base/host.ts";
import { statOf } from "../base/stat.ts";
import type { Command } from "../command/command.ts";
import type { Catalogue } from "./catalogue.ts";
import { type Columns, fromColumns, toColumns } from "./columns.ts";
import type { Loaded } from "./load.ts";
import type { Checked } from "./watch.ts";
import type { WorkspaceOptions } from "./workspace.ts";
import { type Fact, holds } from "./world.ts";

/**
 * Checked catalogues on disk, so that an unchanged one is not checked at every start. An entry counts only while every answer of
 * the machine that led to it is still the same. A catalogue that holds a secret of the environment is never written down.
 */
export interface CatalogueCache {
  read(file: string): Checked | undefined;
  /** The same catalogue as a start from its copy has it: what commands share is held once. */
  write(file: string, loaded: Loaded): Catalogue | null;
}

/** What stands in an entry. */
interface Entry {
  readonly facts: readonly Fact[];
  readonly catalogue: Omit<Catalogue, "commands"> & { readonly commands: Columns };
}

const DAY_MS = 86_400_000;
const OLDEST_DAYS = 30;

/** `build` tells the versions of mcpfier apart; the options are those of loading. */
export function createCache(host: Host, build: string, { workspace, root = "" }: WorkspaceOptions): CatalogueCache {
  const folder = join(host.env["XDG_CACHE_HOME"] || join(host.home, ".cache"), "mcpfier");

  function pathOf(file: string): string {
    const key = [
      build,
      resolve(file),
      workspace === undefined ? "" : resolve(workspace),
      root,
      host.platform,
      host.arch,
      host.path,
      host.home,
    ];
    return join(folder, `catalogue-${createHash("sha256").update(key.join("\0")).digest("hex").slice(0, 32)}.json`);
  }

  function read(file: string): Checked | undefined {
    try {
      const path = pathOf(file);
      if (!isOurs(folder) || !isOurs(path)) return undefined;
      const { facts, catalogue } = JSON.parse(readFileSync(path, "utf8")) as Entry;
      if (!holds(facts, host)) return undefined;
      return { catalogue: withCommands(catalogue, catalogue.commands), facts };
    } catch {
      return undefined;
    }
  }

  function write(file: string, { catalogue, facts, isReproducible }: Loaded): Catalogue | null {
    if (!catalogue || !isReproducible || catalogue.secrets.length > 0) return catalogue;
    const commands = toColumns(catalogue.commands);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const path = pathOf(file);
      const draft = `${path}.${randomUUID()}`;
      const entry: Entry = { facts, catalogue: { ...catalogue, commands } };
      writeFileSync(draft, JSON.stringify(entry), { mode: 0o600 });
      renameSync(draft, path);
      sweep(folder);
    } catch {
      // No place to write: the next start checks again.
    }
    return withCommands(catalogue, commands);
  }

  return { read, write };
}

function withCommands(rest: Omit<Catalogue, "commands">, commands: Columns): Catalogue {
  return { ...rest, commands: fromColumns(commands) as readonly Command[] };
}

/** What runs comes from here, so nobody else may be able to write it. */
function isOurs(path: string): boolean {
  const stat = statOf(path);
  return stat !== undefined && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0;
}

function sweep(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => each.startsWith("catalogue-"))) {
    const path = join(folder, name);
    const age = Date.now() - (statOf(path)?.mtimeMs ?? 0);
    if (age > OLDEST_DAYS * DAY_MS) rmSync(path, { force: true });
  }
}
