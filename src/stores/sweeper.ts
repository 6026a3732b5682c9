import { log } from "../base/log.ts";

const FIRST_MS = 10_000;
const PAUSE_MS = 60_000;

/** When a sweep is due: some time after the start, and after calls once a minute at most; never in anybody's way. */
export interface Sweeper {
  /** There may be something to remove. */
  soon(): void;
  now(): Promise<void>;
  /** Resolves when none is under way and none will come. */
  close(): Promise<void>;
}

/** `sweep` asks its argument between its steps whether to end early. */
export function createSweeper(sweep: (isEnough: () => boolean) => Promise<void>): Sweeper {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> | undefined;
  later(FIRST_MS);

  function later(delay: number): void {
    timer ??= setTimeout(() => {
      void now().finally(() => (timer = undefined));
    }, delay).unref();
  }

  function now(): Promise<void> {
    sweeping ??= sweep(() => isClosed)
      .catch((error: unknown) => log.debug({ error }, "old records could not be removed"))
      .finally(() => (sweeping = undefined));
    return sweeping;
  }

  async function close(): Promise<void> {
    isClosed = true;
    clearTimeout(timer);
    await sweeping;
  }

  return { soon: () => (isClosed ? undefined : later(PAUSE_MS)), now, close };
}
