import { availableParallelism } from "node:os";
import type { Bound, Bounds } from "./base/turnstile.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";

/** A program waits much of its time, so that more of them than cores keep these busy. */
const CALLS_PER_CORE = 4;

/** The bounds of one catalogue after the other. A command that is gone keeps its own: calls of it may still wait. */
export function createBounds(): (catalogue: Catalogue) => Bounds {
  const known = new Map<string, Bound>();
  return ({ settings, commands }) => {
    for (const { name, concurrency, queue } of commands)
      if (concurrency !== null || queue !== null || (known.size > 0 && known.has(name)))
        known.set(name, { concurrency, queue });
    return {
      concurrency: settings.concurrency ?? CALLS_PER_CORE * availableParallelism(),
      queue: settings.queue,
      of: (name) => known.get(name) ?? { concurrency: null, queue: null },
    };
  };
}
