import { createAlarm } from "../../base/alarm.ts";
import { log } from "../../base/log.ts";
import { type Ship, rests } from "./fleet.ts";
import type { ContainerPlan, Housing } from "./plan.ts";
import type { Standing } from "./standing.ts";

/** The waiting containers of one housing. */
export interface Slot {
  readonly housing: Housing;
  /** How many stand or are being made. */
  size(): number;
  resize(count: number): void;
  /** Whether another one is to be made now. */
  lacks(): boolean;
  /** Whether all stand, or it was tried in vain. */
  isSettled(): boolean;
  /** Counts one that is being made, until the answer is called. */
  begin(): () => void;
  /** The engine on which the fewest wait. */
  leastOf(ships: readonly Ship[]): Ship;
  /** False: it is not needed any more. */
  keep(standing: Standing): boolean;
  /** The one that has waited longest on the first of the engines that has any. */
  take(ships: readonly Ship[]): Standing | undefined;
  /** False: it has gone already. */
  discard(standing: Standing): boolean;
  /** Removes all that wait. */
  empty(): void;
  /** It is tried again after a pause that grows. */
  fail(error: unknown): void;
  giveUp(reason: string): void;
  close(): void;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Timers may be early. */
const MARGIN_MS = 10;

/** `retry` is called when the pause after a failure is over. */
export function createSlot(housing: Housing, retry: () => void): Slot {
  const standing: Standing[] = [];
  const alarm = createAlarm(retry);
  let count = 0;
  let making = 0;
  let pause = FIRST_PAUSE_MS;
  let retryAt = -Infinity;
  let isTold = false;
  let isUnfit = false;

  const size = (): number => standing.length + making;
  const isResting = (): boolean => isUnfit || performance.now() < retryAt;
  const waitingOn = (ship: Ship): number => standing.filter((each) => each.ship === ship).length;

  function resize(wanted: number): void {
    count = wanted;
    for (const surplus of standing.splice(count)) surplus.made.remove();
  }

  function begin(): () => void {
    making += 1;
    return () => void (making -= 1);
  }

  function leastOf(ships: readonly Ship[]): Ship {
    const rank = (ship: Ship): number => (rests(ship) ? Infinity : waitingOn(ship));
    const [first] = ships.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
    if (!first) throw new Error("a plan names an engine");
    return first;
  }

  function keep(each: Standing): boolean {
    if (standing.length >= count) return false;
    standing.push(each);
    return true;
  }

  function take(ships: readonly Ship[]): Standing | undefined {
    const ship = ships.find((each) => waitingOn(each) > 0);
    const found = standing.find((each) => each.ship === ship);
    if (!found) return undefined;
    discard(found);
    pause = FIRST_PAUSE_MS;
    isTold = false;
    return found;
  }

  function discard(each: Standing): boolean {
    const at = standing.indexOf(each);
    if (at !== -1) standing.splice(at, 1);
    return at !== -1;
  }

  function empty(): void {
    for (const { made } of standing.splice(0)) made.remove();
  }

  function fail(error: unknown): void {
    if (!isTold) {
      isTold = true;
      log.warn({ command: housing.tool, error }, "no container can be kept waiting now; calls start one of their own");
    }
    if (isResting()) return;
    retryAt = performance.now() + pause;
    alarm.within(pause + MARGIN_MS);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }

  function giveUp(reason: string): void {
    if (isUnfit) return;
    isUnfit = true;
    log.warn(
      { command: housing.tool, image: housing.image },
      `no container of it can wait, each call starts one: ${reason}`,
    );
  }

  function close(): void {
    alarm.stop();
    resize(0);
  }

  return {
    housing,
    size,
    resize,
    lacks: () => size() < count && !isResting(),
    isSettled: () => isResting() || standing.length >= count,
    begin,
    leastOf,
    keep,
    take,
    discard,
    empty,
    fail,
    giveUp,
    close,
  };
}

/** The same for all calls that may use the same waiting containers. */
export function keyOf(plan: Housing | ContainerPlan): string {
  const { tool, limits, image, pull, workdir, mounts, user, unprivileged, allowRoot, settings, engines } = plan;
  return JSON.stringify([
    ...[tool, limits, image, pull, workdir, mounts, user, unprivileged, allowRoot, settings, engines],
  ]);
}
