/** Waits for something for which the call cannot be blamed: its caller's patience counts from the end of that on. */
export type Unhurried = <T>(waited: Promise<T>) => Promise<T>;

/** How long the caller of a call waits. */
export interface Patience {
  /** Calls back when it is out; at once when there is none. */
  begin(out: () => void): void;
  readonly unhurried: Unhurried;
  end(): void;
}

/** Null: for ever. */
export function createPatience(ms: number | null): Patience {
  let timer: NodeJS.Timeout | undefined;
  let isOut: (() => void) | undefined;
  const start = (): void => {
    if (isOut && ms !== null) timer = setTimeout(isOut, ms);
  };
  return {
    begin: (out) => {
      if (ms === 0) return out();
      isOut = out;
      return start();
    },
    unhurried: async (waited) => {
      clearTimeout(timer);
      return waited.finally(start);
    },
    end: () => {
      isOut = undefined;
      clearTimeout(timer);
    },
  };
}
