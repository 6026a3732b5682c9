import { createAlarm } from "../../base/alarm.ts";
import { log } from "../../base/log.ts";
import { type Ship, rests } from "./fleet.ts";
import type { ContainerPlan, Housing } from "./plan.ts";
import type { Standing } from "./standing.ts";

/** The waiting containers of one housing. */
export interface Slot extends Pick<Trials, "fail" | "giveUp"> {
  readonly housing: Housing;
  /** How many stand or are being made. */
  size(): number;
  resize(count: number): void;
  /** Whether another one is to be made now. */
  lacks(): boolean;
  /** Whether all stand, or it was tried in vain. */
  isSettled(): boolean;
  /** Counts one that is being made on an engine, until the answer is called. */
  begin(ship: Ship): () => void;
  /** The engine on which the fewest wait. */
  leastOf(ships: readonly Ship[]): Ship;
  /** False: it is not needed any more. */
  keep(standing: Standing): boolean;
  /** The one that has waited longest on the first of the engines that has any. */
  take(ships: readonly Ship[]): Standing | undefined;
  holds(standing: Standing): boolean;
  /** False: it has gone already. */
  discard(standing: Standing): boolean;
  /** Removes all that wait. */
  empty(): void;
  close(): void;
}

/** `retry` is called when the pause after a failure is over. */
export function createSlot(housing: Housing, retry: () => void): Slot {
  const standing: Standing[] = [];
  const trials = createTrials(housing, retry);
  let count = 0;

  const making = new Set<{ readonly ship: Ship }>();
  const size = (): number => standing.length + making.size;
  const countOn = (ship: Ship): number => [...standing, ...making].filter((each) => each.ship === ship).length;

  function cut(from: number): void {
    for (const surplus of standing.splice(from)) void surplus.made.remove();
  }

  function resize(wanted: number): void {
    count = wanted;
    cut(count);
  }

  function begin(ship: Ship): () => void {
    const one = { ship };
    making.add(one);
    return () => void making.delete(one);
  }

  function keep(each: Standing): boolean {
    return standing.length < count && standing.push(each) > 0;
  }

  function take(ships: readonly Ship[]): Standing | undefined {
    const [found] = ships.flatMap((ship) => standing.filter((each) => each.ship === ship));
    if (found && discard(found)) trials.succeed();
    return found;
  }

  function discard(each: Standing): boolean {
    const at = standing.indexOf(each);
    return at !== -1 && standing.splice(at, 1).length > 0;
  }

  function close(): void {
    trials.stop();
    resize(0);
  }

  const leastOf = (ships: readonly Ship[]): Ship => leastBusy(ships, countOn);
  const holds = (each: Standing): boolean => standing.includes(each);
  const lacks = (): boolean => size() < count && !trials.isResting();
  const isSettled = (): boolean => trials.isResting() || standing.length >= count;
  const empty = (): void => cut(0);
  const { fail, giveUp } = trials;
  return {
    housing,
    size,
    resize,
    lacks,
    isSettled,
    begin,
    leastOf,
    keep,
    take,
    holds,
    discard,
    empty,
    fail,
    giveUp,
    close,
  };
}

function leastBusy(ships: readonly Ship[], countOn: (ship: Ship) => number): Ship {
  const [least] = ships.toSorted((a, b) => Number(rests(a)) - Number(rests(b)) || countOn(a) - countOn(b));
  if (!least) throw new Error("a plan names an engine");
  return least;
}

/** How often and how soon it is tried again; what is wrong is told once. */
interface Trials {
  isResting(): boolean;
  succeed(): void;
  /** It is tried again after a pause that grows. */
  fail(error: unknown): void;
  /** It is tried no more. */
  giveUp(reason: string): void;
  stop(): void;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Timers may be early. */
const MARGIN_MS = 10;

function createTrials({ tool, image }: Housing, retry: () => void): Trials {
  const alarm = createAlarm(retry);
  let pause = FIRST_PAUSE_MS;
  let retryAt = -Infinity;
  let isTold = false;
  let isUnfit = false;
  const isResting = (): boolean => isUnfit || performance.now() < retryAt;

  function succeed(): void {
    pause = FIRST_PAUSE_MS;
    isTold = false;
  }

  function fail(error: unknown): void {
    const words = "no container can be kept waiting now; calls start one of their own";
    if (!isTold) log.warn({ command: tool, error }, words);
    isTold = true;
    if (isResting()) return;
    retryAt = performance.now() + pause;
    alarm.within(pause + MARGIN_MS);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }

  function giveUp(reason: string): void {
    if (!isUnfit) log.warn({ command: tool, image }, `no container can wait, each call starts its own: ${reason}`);
    isUnfit = true;
  }
  return { isResting, succeed, fail, giveUp, stop: alarm.stop };
}

/** The same for all calls that may use the same waiting containers. */
export function keyOf(plan: Housing | ContainerPlan): string {
  const { tool, limits, image, pull, workdir, mounts, user, unprivileged, allowRoot, settings, engines } = plan;
  const fixed = { tool, limits, image, pull, workdir, mounts, user, unprivileged, allowRoot, settings, engines };
  return JSON.stringify(fixed);
}
