/** Lets so many in at once; the others wait in the order in which they came. */
export interface Gate {
  /** `hasWaited`: whether it was not let in at once. */
  pass<T>(work: (hasWaited: boolean) => Promise<T>): Promise<T>;
}

export function createGate(places: number): Gate {
  const waiting: (() => void)[] = [];
  let free = places;

  async function enter(): Promise<boolean> {
    if (free > 0) {
      free -= 1;
      return false;
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
    return true;
  }

  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  async function pass<T>(work: (hasWaited: boolean) => Promise<T>): Promise<T> {
    const hasWaited = await enter();
    try {
      return await work(hasWaited);
    } finally {
      leave();
    }
  }
  return { pass };
}
