import { createAlarm } from "../base/alarm.ts";
import { log } from "../base/log.ts";
import type { Bounds, Left } from "./sweep.ts";

/** When sweeps come, in milliseconds. */
export interface Pace {
  /** After the start. */
  readonly firstMs: number;
  /** After a call. */
  readonly pauseMs: number;
  /** After there was too much: between two sweeps at least. */
  readonly soonMs: number;
  /** After another sweep at most; timers stand still while the machine sleeps. */
  readonly lookMs: number;
  /** How long the last one may take. */
  readonly lastMs: number;
}

export const PACE: Pace = { firstMs: 10_000, pauseMs: 60_000, soonMs: 1000, lookMs: 3_600_000, lastMs: 500 };

/** When a sweep is due: when a record becomes too old, when there is too much, and after calls; never in anybody's way. */
export interface Sweeper {
  /** This process has written so much more. */
  grew(bytes: number): void;
  /** A record was ended. */
  ended(): void;
  now(): Promise<void>;
  /** Removes more than `now` does, for a disk without room. */
  makeRoom(): Promise<void>;
  /** Resolves when none is under way and none will come; the last one leaves no more than there may be. */
  close(): Promise<void>;
}

export interface SweeperOptions {
  /** `isEnough` is to be asked between its steps. */
  sweep(how: { readonly isFull: boolean; readonly isEnough: () => boolean }): Promise<Left>;
  bounds(): Bounds;
  readonly pace: Pace;
}

export function createSweeper({ sweep, bounds, pace }: SweeperOptions): Sweeper {
  let isClosed = false;
  let sweeping = Promise.resolve();
  let making: Promise<void> | undefined;
  /** Bytes of all records, as far as they are known: what others have written since the last sweep is not. */
  let bytes = 0;
  let hasSwept = false;
  const alarm = createAlarm(() => void begin(false));
  within(pace.firstMs);

  function within(ms: number): void {
    if (!isClosed) alarm.within(ms);
  }

  /** One after the other: each sees what was there when it was asked for. */
  function begin(isFull: boolean, isEnough = (): boolean => isClosed): Promise<void> {
    sweeping = sweeping.then(() => run(isFull, isEnough));
    return sweeping;
  }

  async function run(isFull: boolean, isEnough: () => boolean): Promise<void> {
    const already = bytes;
    try {
      const left = await sweep({ isFull, isEnough });
      bytes = left.bytes + (bytes - already);
      hasSwept = true;
      const restMs = (left.expiresAt ?? Number.POSITIVE_INFINITY) - Date.now();
      within(Math.min(pace.lookMs, Math.max(pace.soonMs, restMs + 1)));
    } catch (error) {
      log.debug({ error }, "old records could not be removed");
      within(pace.lookMs);
    }
  }

  function isTooMuch(): boolean {
    return bytes > bounds().maxBytes;
  }

  function grew(more: number): void {
    bytes += more;
    if (isTooMuch()) within(pace.soonMs);
  }

  /** Shared by those who ask at the same time: each removes half. */
  function makeRoom(): Promise<void> {
    making ??= begin(true).finally(() => (making = undefined));
    return making;
  }

  async function close(): Promise<void> {
    isClosed = true;
    alarm.stop();
    await sweeping;
    const deadline = performance.now() + pace.lastMs;
    if (isTooMuch() || (!hasSwept && bytes > 0)) await begin(false, () => performance.now() > deadline);
  }

  return {
    grew,
    ended: () => within(isTooMuch() ? pace.soonMs : Math.min(pace.pauseMs, bounds().maxAgeMs + 1)),
    now: () => begin(false),
    makeRoom,
    close,
  };
}
