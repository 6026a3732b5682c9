import { type Lookout, type Sight, createLookout } from "./lookout.ts";
import { stateOf, wayTo } from "./trail.ts";

/** What files decide. */
export interface Subject {
  /** Differs when it is something else. */
  readonly state: string;
  /** The files and folders that decide it; another subject is asked for when one of them changes. */
  readonly paths: readonly string[];
  /** Those of them that are folders. */
  readonly folders: readonly string[];
}

/** Tells of subjects that changed, at most ten times a second each. */
export interface Observer {
  /** From the state that it has now on; `ask` never rejects. */
  add(name: string, ask: () => Promise<Subject>): Promise<void>;
  remove(name: string): void;
  /** Looks anew: something else than files may have changed. */
  again(): void;
  close(): void;
}

export function createObserver(changed: (name: string) => void): Observer {
  const closing = new AbortController();
  const { signal } = closing;
  const subjects = createSubjects((name) => {
    if (!signal.aborted) changed(name);
  });
  let lookout: Lookout<Sight> | undefined;
  let seen: string | null = null;
  let isWanted = false;
  let isBusy = false;

  function want(): void {
    isWanted = true;
    if (!isBusy && lookout) void work(lookout);
  }

  async function work(at: Lookout<Sight>): Promise<void> {
    isBusy = true;
    while (isWanted && !signal.aborted) {
      isWanted = false;
      if (seen === null || at.look() !== seen) await refresh(at);
      await at.rest();
    }
    isBusy = false;
  }

  /** What changes meanwhile differs from what was seen before, so that it is looked at once more. */
  async function refresh(at: Lookout<Sight>): Promise<void> {
    seen = at.look();
    const sight = await subjects.refresh();
    if (!sight || signal.aborted) return;
    at.turnTo(sight);
    again();
  }

  function again(): void {
    seen = null;
    want();
  }

  async function add(name: string, ask: () => Promise<Subject>): Promise<void> {
    await subjects.add(name, ask);
    if (signal.aborted) return;
    lookout ??= createLookout<Sight>(sightOf([]), want);
    again();
  }

  return {
    add,
    again,
    remove: (name) => {
      subjects.remove(name);
      again();
    },
    close: () => {
      closing.abort();
      lookout?.close();
    },
  };
}

interface Subjects {
  add(name: string, ask: () => Promise<Subject>): Promise<void>;
  remove(name: string): void;
  /** Asks for all, and tells of those that differ; gives what is to be looked at, where that is something else than before. */
  refresh(): Promise<Sight | undefined>;
}

function createSubjects(changed: (name: string) => void): Subjects {
  const asks = new Map<string, () => Promise<Subject>>();
  const known = new Map<string, Subject>();
  let paths = "";

  async function refresh(): Promise<Sight | undefined> {
    for (const [name, ask] of asks) {
      const now = await ask();
      const before = known.get(name);
      if (!asks.has(name)) continue;
      known.set(name, now);
      if (before && before.state !== now.state) changed(name);
    }
    const all = [...known.values()];
    const next = JSON.stringify(all.map((each) => each.paths));
    if (next === paths) return undefined;
    paths = next;
    return sightOf(all);
  }

  return {
    refresh,
    add: async (name, ask) => {
      known.set(name, await ask());
      asks.set(name, ask);
    },
    remove: (name) => {
      asks.delete(name);
      known.delete(name);
    },
  };
}

function sightOf(subjects: readonly Subject[]): Sight {
  const paths = [...new Set(subjects.flatMap((each) => each.paths))];
  const folders = subjects.flatMap((each) => each.folders);
  return {
    look: () => paths.map(stateOf).join("|"),
    folders: () => [...new Set([...paths.flatMap((path) => wayTo(path)), ...folders])],
  };
}
