import { type FSWatcher, statSync, watch } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Catalogue } from "./catalogue.ts";
import type { Loaded } from "./load.ts";

const SETTLE_MS = 100;
const POLL_MS = 2000;

export interface Watched {
  readonly first: Catalogue;
  load(): Promise<Loaded>;
  /** Told of each catalogue that differs from the one before. */
  changed(catalogue: Catalogue): void;
  /** Told of a file that cannot be used, or is gone; the last good catalogue stays. */
  failed(loaded: Loaded): void;
}

/**
 * Follows the files of a catalogue. Folders are watched, because editors replace files, and looked at every 2 s besides,
 * because some file systems tell nothing. A file is read once its size and time stand still: half a YAML file can be valid.
 */
export function watchCatalogue({ first, load, changed, failed }: Watched): { close(): void } {
  let current = first;
  let files = first.files;
  let seen = signature(files);
  let busy = false;
  let closed = false;
  let watchers: FSWatcher[] = [];
  const poll = setInterval(() => void look(), POLL_MS);
  poll.unref();
  follow();

  function follow(): void {
    for (const watcher of watchers) watcher.close();
    watchers = [...new Set(files.map((file) => dirname(file)))].flatMap((folder) => {
      try {
        const watcher = watch(folder, { persistent: false }, () => void look());
        watcher.on("error", () => watcher.close());
        return [watcher];
      } catch {
        return [];
      }
    });
  }

  async function look(): Promise<void> {
    if (busy || closed || signature(files) === seen) return;
    busy = true;
    try {
      await reload();
    } finally {
      busy = false;
    }
  }

  async function reload(): Promise<void> {
    let now = signature(files);
    for (let before = ""; now !== before; now = signature(files)) {
      before = now;
      await sleep(SETTLE_MS, undefined, { ref: false });
    }
    seen = now;
    const loaded = await load();
    if (closed) return;
    if (!loaded.catalogue) {
      // A file that it includes by now may hold the mistake.
      files = [...new Set([...current.files, ...loaded.files])];
      seen = signature(files);
      follow();
      return failed(loaded);
    }
    if (JSON.stringify(loaded.catalogue) === JSON.stringify(current)) return;
    current = loaded.catalogue;
    files = current.files;
    seen = signature(files);
    follow();
    changed(current);
  }

  function close(): void {
    closed = true;
    clearInterval(poll);
    for (const watcher of watchers) watcher.close();
  }
  return { close };
}

/** Changes with each file, and with each name that comes to or leaves their folders. */
function signature(files: readonly string[]): string {
  const paths = [...files, ...new Set(files.map((file) => dirname(file)))];
  return paths
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat ? `${stat.ino}:${stat.size}:${stat.mtimeMs}` : "gone";
    })
    .join("|");
}
