import type { Host } from "../base/host.ts";
import { log } from "../base/log.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Loaded } from "./load.ts";
import { createLookout } from "./lookout.ts";
import { covers, createTrail, hasMoved } from "./trail.ts";
import type { Fact } from "./world.ts";

/** A catalogue, and what the machine was asked when it was loaded. */
export interface Checked {
  readonly catalogue: Catalogue;
  readonly facts: readonly Fact[];
}

export interface Watched extends News {
  readonly first: Checked;
  readonly host: Host;
  load(): Promise<Loaded>;
}

/** Who is told what became of the files. */
interface News {
  /** Of each catalogue that differs from the one before. */
  changed(catalogue: Catalogue, loaded: Loaded): void;
  /** Once, of files that cannot be used, or are gone; the last good catalogue stays. */
  failed(loaded: Loaded): void;
  /** When the files are again as they were before a failure, and when what `reload` read differs in nothing. */
  unchanged(): void;
}

export interface Watching {
  /** Reads the files again, whether they changed or not: conditions ask the machine for more than files. */
  reload(): void;
  close(): void;
}

/**
 * Follows the files of a catalogue. What is used was read while all of it stood still, for 100 ms before and until it was read:
 * half a YAML file can be valid.
 */
export function watchCatalogue({ first, host, load, ...told }: Watched): Watching {
  const closing = new AbortController();
  const { signal } = closing;
  const judge = createJudge(first, told);
  const lookout = createLookout(createTrail(first.facts, host), want);
  let seen: string | null = lookout.look();
  if (hasMoved(first.facts, host)) seen = null;
  let isWanted = false;
  let isAsked = false;
  let isBusy = false;
  want();

  function want(): void {
    isWanted = true;
    if (!isBusy) void work();
  }

  /** One look at a time, and for all that comes meanwhile another one together. */
  async function work(): Promise<void> {
    isBusy = true;
    while (isWanted && !signal.aborted) {
      isWanted = false;
      if (isAsked || lookout.look() !== seen) await refresh();
      else await lookout.rest();
    }
    isBusy = false;
  }

  async function refresh(): Promise<void> {
    const wasAsked = isAsked;
    isAsked = false;
    try {
      const loaded = await loadStill();
      if (!signal.aborted) judge.use(loaded, wasAsked);
    } catch (error) {
      seen = lookout.look();
      log.error({ error }, "the catalogue could not be read again; the last good catalogue is still served");
    }
  }

  /** What was read while nothing of it changed, a file that is named for the first time too. */
  async function loadStill(): Promise<Loaded> {
    for (;;) {
      const still = await lookout.still();
      const loaded = await load();
      if (signal.aborted) return loaded;
      const before = lookout.trail();
      // A broken file names no others: those of the last good catalogue are looked at, too.
      const facts = loaded.catalogue ? loaded.facts : [...loaded.facts, ...judge.good().facts];
      lookout.turnTo(createTrail(facts, host));
      seen = lookout.look();
      if (covers(before, lookout.trail()) && before.look() === still) return loaded;
    }
  }

  return {
    reload: () => {
      isAsked = true;
      want();
    },
    close: () => {
      closing.abort();
      lookout.close();
    },
  };
}

/** Knows the last good catalogue, and what is news. */
interface Judge {
  good(): Checked;
  use(loaded: Loaded, wasAsked: boolean): void;
}

function createJudge(first: Checked, { changed, failed, unchanged }: News): Judge {
  let good = first;
  let fault = "";

  function use(loaded: Loaded, wasAsked: boolean): void {
    const { catalogue, problems, facts } = loaded;
    const before = fault;
    fault = catalogue ? "" : JSON.stringify(problems);
    if (!catalogue) {
      if (wasAsked || fault !== before) failed(loaded);
      return;
    }
    const isSame = JSON.stringify(catalogue) === JSON.stringify(good.catalogue);
    good = { catalogue, facts };
    if (!isSame) changed(catalogue, loaded);
    else if (wasAsked || before !== "") unchanged();
  }
  return { good: () => good, use };
}
