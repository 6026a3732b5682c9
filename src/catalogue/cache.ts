import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fingerprint } from "../base/fingerprint.ts";
import type { Host } from "../base/host.ts";
import { statOf } from "../base/stat.ts";
import type { Command } from "../command/command.ts";
import type { Catalogue } from "./catalogue.ts";
import { isAsCopied, keepCopy } from "./copied.ts";
import { type Columns, fromColumns, isColumns, toColumns } from "./columns.ts";
import { type Kept, createKept } from "./kept.ts";
import type { Loaded } from "./load.ts";
import { isOurs, put } from "./own-file.ts";
import { isUnreadable, readBytes } from "./source.ts";
import type { Checked } from "./watch.ts";
import type { WorkspaceOptions } from "./workspace.ts";
import { type Fact, digestOfBytes, holds, isOfLargeFile } from "./world.ts";

/**
 * Checked catalogues on disk, so that an unchanged one is not checked at every start. An entry counts only while every answer of
 * the machine that led to it is still the same. A catalogue that a value of the environment was filled into is never written down.
 */
export interface CatalogueCache {
  read(file: string): Opened | undefined;
  /** The same catalogue as a start from its copy has it: what commands share is held once. */
  write(file: string, loaded: Loaded): Catalogue | null;
}

export interface Opened extends Checked {
  /** Where the catalogue came from its copy. */
  readonly kept?: Kept;
}

/** What stands in an entry. */
interface Entry {
  /** Of no other entry. */
  readonly mark: string;
  readonly facts: readonly Fact[];
  readonly catalogue: Omit<Catalogue, "commands"> & { readonly commands: Columns };
}

/** Stands for the host's PATH: no value of the environment is written down. Nothing that is asked for has this name. */
const SEARCHED = "\0PATH";
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
    return join(folder, `catalogue-${fingerprint(key.join("\0"))}.json`);
  }

  function read(file: string): Opened | undefined {
    try {
      const path = pathOf(file);
      if (!isOurs(folder) || !isOurs(path) || !statOf(path)?.isFile()) return undefined;
      const text = readFileSync(path, "utf8");
      const entry = JSON.parse(text) as Entry;
      // What somebody changed may be anything. Each command has a name of its own.
      const { commands } = entry.catalogue;
      if (entry.facts.length === 0 || !isColumns(commands) || commands.count > text.length) return undefined;
      const facts = withArgs(entry.facts, (arg) => (arg === SEARCHED ? host.path : arg));
      const stem = `${stemOf(path)}${entry.mark}-`;
      if (!holds(facts.filter(isOpen(stem)), host)) return undefined;
      const catalogue = { ...withCommands(entry.catalogue, entry.catalogue.commands), path: host.path };
      return { catalogue, facts, kept: createKept(stem) };
    } catch {
      return undefined;
    }
  }

  function write(file: string, { catalogue, facts, isReproducible, holdsEnvironment }: Loaded): Catalogue | null {
    if (!catalogue || !isReproducible || holdsEnvironment) return catalogue;
    const commands = toColumns(catalogue.commands);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // What would never be read is not written either.
      if (!isOurs(folder)) return withCommands(catalogue, commands);
      const kept = withArgs(facts, (arg) => (arg === host.path ? SEARCHED : arg));
      const entry: Entry = {
        mark: randomUUID(),
        facts: kept,
        catalogue: { ...catalogue, path: SEARCHED, commands },
      };
      const path = pathOf(file);
      put(path, JSON.stringify(entry));
      sweep(folder, basename(stemOf(path)));
      keepSources(`${stemOf(path)}${entry.mark}-`, facts);
    } catch {
      // No place to write: the next start checks again.
    }
    return withCommands(catalogue, commands);
  }

  return { read, write };
}

function withArgs(facts: readonly Fact[], replaced: (arg: string) => string): readonly Fact[] {
  return facts.map((fact) => ({ ...fact, args: fact.args.map(replaced) }));
}

function withCommands(rest: Omit<Catalogue, "commands">, commands: Columns): Catalogue {
  return { ...rest, commands: fromColumns(commands) as readonly Command[] };
}

/** A large file that is as it was copied beside the entry needs no digest. */
function isOpen(stem: string): (fact: Fact, index: number) => boolean {
  return (fact, index) => !isOfLargeFile(fact) || !isAsCopied(fact.args[0] ?? "", sourceOf(stem, index));
}

function keepSources(stem: string, facts: readonly Fact[]): void {
  for (const [index, fact] of facts.entries()) {
    const read = isOfLargeFile(fact) ? readBytes(fact.args[0] ?? "") : undefined;
    // It may have changed since it was checked.
    if (read && !isUnreadable(read) && digestOfBytes(read) === fact.digest) keepCopy(read, sourceOf(stem, index));
  }
}

function sourceOf(stem: string, index: number): string {
  return `${stem}source-${index}`;
}

/** What is kept beside an entry is named by it. */
function stemOf(path: string): string {
  return `${path.replace(/\.json$/, "")}-`;
}

/** Removes what is old, and what was kept beside the entry that another one took the place of. */
function sweep(folder: string, replaced: string): void {
  for (const name of readdirSync(folder).filter((each) => each.startsWith("catalogue-"))) {
    const path = join(folder, name);
    const age = Date.now() - (statOf(path)?.mtimeMs ?? 0);
    if (age > OLDEST_DAYS * DAY_MS || name.startsWith(replaced)) rmSync(path, { force: true });
  }
}
