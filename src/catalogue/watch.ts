import { type FSWatcher, realpathSync, watch } from "node:fs";
import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { statOf } from "../base/stat.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Loaded } from "./load.ts";
import type { Fact } from "./world.ts";

const SETTLE_MS = 100;
const POLL_MS = 2000;

/** A catalogue, and what the machine was asked when it was loaded. */
export interface Checked {
  readonly catalogue: Catalogue;
  readonly facts: readonly Fact[];
}

export interface Watched {
  readonly first: Checked;
  load(): Promise<Loaded>;
  /** Told of each catalogue that differs from the one before. */
  changed(catalogue: Catalogue): void;
  /** Told of a file that cannot be used, or is gone; the last good catalogue stays. */
  failed(loaded: Loaded): void;
  /** Told when the files are again as they were before a failure. */
  mended(): void;
}

/**
 * Follows the files of a catalogue. Folders are watched, because editors replace files, and looked at every 2 s besides,
 * because some file systems tell nothing. A file is read once its size and time stand still: half a YAML file can be valid.
 */
export function watchCatalogue({ first, load, changed, failed, mended }: Watched): { close(): void } {
  let current = first.catalogue;
  let paths = pathsOf(first.facts);
  let seen = signature(paths);
  let broken = false;
  let busy = false;
  let closed = false;
  const onEvent = (): void => void look();
  const poll = setInterval(onEvent, POLL_MS);
  poll.unref();
  let folders = watchFolders(paths, onEvent);

  const isChanged = (): boolean => !closed && signature(paths) !== seen;

  async function look(): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      while (isChanged()) await reload();
    } finally {
      busy = false;
    }
  }

  async function reload(): Promise<void> {
    seen = await stable();
    const before = seen;
    const loaded = await load();
    if (closed) return;
    const wasUsed = signature(paths) === before;
    paths = pathsOf(loaded.catalogue ? loaded.facts : [...loaded.facts, ...first.facts]);
    folders.close();
    folders = watchFolders(paths, onEvent);
    // What changed while it was read is read again.
    seen = wasUsed ? signature(paths) : "";
    use(loaded);
  }

  async function stable(): Promise<string> {
    let now = signature(paths);
    for (let before = ""; now !== before; now = signature(paths)) {
      before = now;
      await sleep(SETTLE_MS, undefined, { ref: false });
    }
    return now;
  }

  function use(loaded: Loaded): void {
    const { catalogue } = loaded;
    if (!catalogue) failed(loaded);
    else if (JSON.stringify(catalogue) !== JSON.stringify(current)) {
      current = catalogue;
      changed(current);
    } else if (broken) mended();
    broken = !catalogue;
  }

  function close(): void {
    closed = true;
    clearInterval(poll);
    folders.close();
  }
  return { close };
}

function watchFolders(paths: readonly string[], onEvent: () => void): { close(): void } {
  const watchers = [...new Set(paths.map((path) => dirname(path)))].flatMap((folder): FSWatcher[] => {
    try {
      const watcher = watch(folder, { persistent: false }, onEvent);
      watcher.on("error", () => watcher.close());
      return [watcher];
    } catch {
      // The folder is not there yet; looking now and then will find it.
      return [];
    }
  });
  return {
    close: () => {
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** The files that were read, by name and by what the names lead to, and the folders where a glob looked for more. */
function pathsOf(facts: readonly Fact[]): readonly string[] {
  const paths = facts.flatMap(({ question, args: [path = "", folder = ""] }) => {
    if (question === "read") return [resolve(path), realOf(path)];
    return question === "glob" ? [resolve(folder, `${path.replace(/(?:^|\/)[^/]*[*?[{].*$/, "")}/.`)] : [];
  });
  return [...new Set(paths)];
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** Changes with each file, and with each name that comes to or leaves their folders. */
function signature(paths: readonly string[]): string {
  const all = [...paths, ...new Set(paths.map((path) => dirname(path)))];
  return all
    .map((path) => {
      const stat = statOf(path);
      return stat ? `${stat.ino}:${stat.size}:${stat.mtimeMs}` : "gone";
    })
    .join("|");
}
