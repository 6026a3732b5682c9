import { setTimeout as sleep } from "node:timers/promises";
import type { CatalogueCache } from "../catalogue/cache.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Loaded } from "../catalogue/load.ts";
import type { Checked } from "../catalogue/watch.ts";
import type { Fact } from "../catalogue/world.ts";
import { log } from "../base/log.ts";
import { cacheOf, complain, load } from "./open.ts";
import type { Context } from "./verb.ts";

/** The catalogue that is served, with the folders of clients as its workspace. */
export interface Rooted {
  /** Read once for each folder, a real path; null, and a word on stderr: it cannot be used there. */
  at(root: string): Promise<Catalogue | null>;
  /** Another one is served. */
  turnTo(served: Checked): void;
}

/** Folders that are remembered: a client may name any number of them. */
const MOST = 32;
const ATTEMPTS = 25;
const PAUSE_MS = 200;

export function createRooted(context: Context, file: string, first: Checked): Rooted {
  const known = new Map<string, Promise<Catalogue | null>>();
  let served = first;

  function at(root: string): Promise<Catalogue | null> {
    const found = known.get(root) ?? read(root);
    known.delete(root);
    known.set(root, found);
    const [oldest = root] = known.keys();
    if (known.size > MOST) known.delete(oldest);
    return found;
  }

  /** What is read must be the very text that is served, so that no client gets half a file. */
  async function read(root: string): Promise<Catalogue | null> {
    const cache = cacheOf(context, root);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const found = cache.read(file) ?? (await load(context, file, { root }));
      if (textsOf(found.facts) === textsOf(served.facts)) {
        if ("problems" in found) keep(found, cache);
        return found.catalogue;
      }
      await sleep(PAUSE_MS);
    }
    log.error({ file, root }, "the file is not the one that is served, so it is not read for this folder");
    return null;
  }

  function keep(loaded: Loaded, cache: CatalogueCache): void {
    if (loaded.catalogue) cache.write(file, loaded);
    else complain(context, loaded);
  }

  function turnTo(next: Checked): void {
    served = next;
    known.clear();
  }
  return { at, turnTo };
}

/** What the files held. */
function textsOf(facts: readonly Fact[]): string {
  const texts = facts.filter(({ question }) => question === "read");
  return JSON.stringify(texts.map(({ args, digest }) => [args, digest]));
}
