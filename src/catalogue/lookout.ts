import { type FSWatcher, watch } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Trail } from "./trail.ts";

/** What can be looked at: it says something else when something changed, and where the system would tell of that. */
export type Sight = Pick<Trail, "look" | "folders">;

/** Looks at the files of a trail, and learns from the system when that is worth while. */
export interface Lookout<Seen extends Sight = Trail> {
  trail(): Seen;
  look(): string;
  /** Resolves when two looks in a row have seen the same, or it was closed. */
  still(): Promise<string>;
  /** The pause between two looks. */
  rest(): Promise<void>;
  /** Has another trail looked at, in folders that may be others under the same names. */
  turnTo(trail: Seen): void;
  close(): void;
}

const SETTLE_MS = 100;
const POLL_MS = 2000;
/** Looking takes a hundredth of the time at most, and a tenth while something goes on: a glob may lead through a large tree. */
const SHARES = { quiet: 100, busy: 10 };

/** Calls back at every event in a folder of the trail, and every 2 s besides, because some file systems tell nothing. */
export function createLookout<Seen extends Sight>(first: Seen, onEvent: () => void): Lookout<Seen> {
  const closing = new AbortController();
  let trail = first;
  let lookMs = 0;
  let folders = watchFolders(first, onEvent);
  let timer = later();

  function later(): NodeJS.Timeout {
    return setTimeout(poll, Math.max(POLL_MS, lookMs * SHARES.quiet)).unref();
  }

  function poll(): void {
    timer = later();
    onEvent();
  }

  function look(): string {
    const began = performance.now();
    const seen = trail.look();
    lookMs = performance.now() - began;
    return seen;
  }

  function rest(): Promise<void> {
    return sleep(Math.max(SETTLE_MS, lookMs * SHARES.busy), undefined, { ref: false });
  }

  async function still(): Promise<string> {
    for (let before = look(); ;) {
      await rest();
      const now = look();
      if (now === before || closing.signal.aborted) return now;
      before = now;
    }
  }

  function turnTo(next: Seen): void {
    trail = next;
    folders.close();
    folders = watchFolders(next, onEvent);
  }

  function close(): void {
    closing.abort();
    clearTimeout(timer);
    folders.close();
  }
  return { trail: () => trail, look, still, rest, turnTo, close };
}

function watchFolders(trail: Sight, onEvent: () => void): { close(): void } {
  const watchers = trail.folders().flatMap((folder): FSWatcher[] => {
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
