/** Things by key, of bounded number and size, for a time; what was not used for the longest time goes first. */
export interface Shelf<T> {
  /** Undefined when it is not there or its time is over. */
  take(key: string): T | undefined;
  put(key: string, thing: T, kept: Kept): void;
}

interface Kept {
  readonly bytes: number;
  readonly ms: number;
}

export interface Room {
  readonly things: number;
  readonly bytes: number;
}

export function createShelf<T>(room: Room): Shelf<T> {
  /** The least recently used first. */
  const kept = new Map<string, { readonly thing: T; readonly bytes: number; readonly until: number }>();
  let bytes = 0;

  function remove(key: string): void {
    bytes -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  }

  function take(key: string): T | undefined {
    const found = kept.get(key);
    if (!found) return undefined;
    kept.delete(key);
    kept.set(key, found);
    if (performance.now() < found.until) return found.thing;
    remove(key);
    return undefined;
  }

  function put(key: string, thing: T, { bytes: size, ms }: Kept): void {
    remove(key);
    if (size > room.bytes) return;
    kept.set(key, { thing, bytes: size, until: performance.now() + ms });
    bytes += size;
    for (const oldest of kept.keys()) {
      if (kept.size <= room.things && bytes <= room.bytes) return;
      remove(oldest);
    }
  }

  return { take, put };
}
