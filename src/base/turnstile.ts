import { type Visitor, createTurns } from "./turns.ts";

/** How many of a kind may be inside at once, and how many may wait; null: as many as of all kinds. */
export interface Bound {
  readonly concurrency: number | null;
  readonly queue: number | null;
}

export interface Bounds {
  /** Of all kinds together. */
  readonly concurrency: number;
  readonly queue: number;
  of(kind: string): Bound;
}

/** Why one is turned away: so many are inside and wait, of its kind or of all. */
export interface Busy {
  readonly of: "kind" | "all";
  readonly inside: number;
  readonly waiting: number;
}

/** Lets visitors in as the bounds allow, and the others wait for their turn. A kind that is full holds up no other. */
export interface Turnstile<V extends Visitor> {
  arrive(visitor: V): "inside" | "waiting" | Busy;
  /** Ends the waiting of one; false when it does not wait. */
  giveUp(visitor: V): boolean;
  /** Lets one out that is inside; answers those who are inside now in its stead. */
  leave(visitor: V): readonly V[];
  /** Sets other bounds, which count from now on: who is inside or waits stays. Answers those who are inside by it. */
  rebound(bounds: Bounds): readonly V[];
}

/** Of one kind, or of all. */
interface Count {
  inside: number;
  waiting: number;
}

export function createTurnstile<V extends Visitor>(first: Bounds): Turnstile<V> {
  let bounds = first;
  const turns = createTurns<V>();
  const all: Count = { inside: 0, waiting: 0 };
  const kinds = new Map<string, Count>();

  function arrive(visitor: V): "inside" | "waiting" | Busy {
    const { kind } = visitor;
    const { inside, waiting } = countOf(kind);
    // Nobody is overtaken: while there is room, those who wait do so because their kind is full.
    if (all.inside < bounds.concurrency && hasRoom(kind)) {
      count(kind, "inside", 1);
      return "inside";
    }
    if (waiting >= (bounds.of(kind).queue ?? Number.POSITIVE_INFINITY)) return { of: "kind", inside, waiting };
    if (all.waiting >= bounds.queue) return { of: "all", ...all };
    count(kind, "waiting", 1);
    turns.add(visitor);
    return "waiting";
  }

  function giveUp(visitor: V): boolean {
    const waited = turns.remove(visitor);
    if (waited) count(visitor.kind, "waiting", -1);
    return waited;
  }

  function leave({ kind }: V): readonly V[] {
    count(kind, "inside", -1);
    return letIn();
  }

  function rebound(next: Bounds): readonly V[] {
    bounds = next;
    return letIn();
  }

  function letIn(): readonly V[] {
    const entered: V[] = [];
    while (all.inside < bounds.concurrency) {
      const visitor = turns.take(hasRoom);
      if (!visitor) break;
      count(visitor.kind, "waiting", -1);
      count(visitor.kind, "inside", 1);
      entered.push(visitor);
    }
    return entered;
  }

  function hasRoom(kind: string): boolean {
    return countOf(kind).inside < (bounds.of(kind).concurrency ?? Number.POSITIVE_INFINITY);
  }

  function countOf(kind: string): Count {
    return kinds.get(kind) ?? { inside: 0, waiting: 0 };
  }

  function count(kind: string, where: keyof Count, change: 1 | -1): void {
    const counts = countOf(kind);
    counts[where] += change;
    all[where] += change;
    if (counts.inside + counts.waiting > 0) kinds.set(kind, counts);
    else kinds.delete(kind);
  }

  return { arrive, giveUp, leave, rebound };
}
