import type { CallIO, Ending } from "../executor.ts";
import { isDown } from "./faults.ts";
import type { Fleet } from "./fleet.ts";
import type { Janitor } from "./janitor.ts";
import { liveOn } from "./life.ts";
import { checkHost } from "./make.ts";
import type { ContainerPlan, Housing } from "./plan.ts";
import { type Slot, createSlot, keyOf } from "./slot.ts";
import { type Standing, sourcesOf, stand } from "./standing.ts";
import { orderOf } from "./stub.ts";

/** Containers that stand started and wait for calls, each for one. */
export interface Warmth {
  /** So many of these are to stand, and no others. Resolves when they do, or it was tried in vain. */
  prepare(housings: readonly Housing[]): Promise<void>;
  /** Runs a call in one that waits for it; undefined: none does, and nothing has begun. */
  run(plan: ContainerPlan, io: CallIO): Promise<Ending | undefined>;
  close(): Promise<void>;
}

/** Being made at once, of all commands: more would hold up the calls. */
const MOST_MAKING = 2;
/** An image's name may mean another one meanwhile; a connection may have died without a word. */
const LONGEST_WAIT_MS = 10 * 60_000;
/** How long a shutdown waits for those that are being made. */
const PATIENCE_MS = 3000;

export function createWarmth(fleet: Fleet, janitor: Janitor): Warmth {
  const slots = new Map<string, Slot>();
  const closing = new AbortController();
  const making = new Set<Promise<void>>();
  const waiting = new Set<() => void>();

  async function prepare(housings: readonly Housing[]): Promise<void> {
    if (closing.signal.aborted) return;
    const wanted = new Map(housings.map((housing) => [keyOf(housing), housing]));
    for (const [key, slot] of slots) {
      if (wanted.has(key)) continue;
      slots.delete(key);
      slot.close();
    }
    for (const [key, housing] of wanted) {
      const slot = slots.get(key) ?? createSlot(housing, fill);
      slots.set(key, slot);
      slot.resize(housing.warm);
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.add(resolve);
    fill();
    await promise;
  }

  function fill(): void {
    if (closing.signal.aborted) return;
    while (making.size < MOST_MAKING) {
      const slot = [...slots.values()].filter((each) => each.lacks()).toSorted((a, b) => a.size() - b.size())[0];
      if (!slot) break;
      const done = add(slot).finally(() => {
        making.delete(done);
        fill();
      });
      making.add(done);
    }
    if (![...slots.values()].every((slot) => slot.isSettled())) return;
    for (const resolve of waiting) resolve();
    waiting.clear();
  }

  async function add(slot: Slot): Promise<void> {
    const finish = slot.begin();
    const ship = slot.leastOf(fleet.order(slot.housing.engines));
    try {
      const made = await stand(slot.housing, ship, { janitor, signal: closing.signal });
      if ("unfit" in made) slot.giveUp(made.unfit);
      else keep(slot, made);
    } catch (error) {
      if (isDown(error)) ship.failedAt = performance.now();
      if (!closing.signal.aborted) slot.fail(error);
    } finally {
      finish();
    }
  }

  function keep(slot: Slot, standing: Standing): void {
    if (closing.signal.aborted || !slot.keep(standing)) return standing.made.remove();
    const timer = setTimeout(drop, LONGEST_WAIT_MS).unref();
    const { ended } = standing.made.wait;
    ended.then(lose, lose);

    function drop(): void {
      if (!slot.discard(standing)) return;
      standing.made.remove();
      fill();
    }

    function lose(): void {
      clearTimeout(timer);
      if (!slot.discard(standing)) return;
      standing.made.remove();
      slot.fail(new Error("a container ended while it waited"));
    }
  }

  function take(plan: ContainerPlan): Standing | undefined {
    const slot = slots.get(keyOf(plan));
    const sources = sourcesOf(plan);
    const ready = slot?.take(fleet.order(plan.engines));
    if (!slot || !ready || ready.sources === sources) return ready;
    ready.made.remove();
    slot.empty();
    fill();
    return undefined;
  }

  async function run(plan: ContainerPlan, io: CallIO): Promise<Ending | undefined> {
    const order = orderOf(plan);
    const standing = order === null ? undefined : take(plan);
    if (order === null || !standing) return undefined;
    const { ship, made, talk } = standing;
    ship.load += 1;
    try {
      checkHost(plan, made.daemon);
      const isReady = await talk.ask(order, "ready", io.signal);
      return isReady ? await liveOn(made, talk.inside, { plan, io }) : undefined;
    } finally {
      made.remove();
      ship.load -= 1;
      fill();
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    for (const slot of slots.values()) slot.close();
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, PATIENCE_MS);
    await Promise.race([Promise.all(making), patience.promise]);
    clearTimeout(timer);
    for (const resolve of waiting) resolve();
  }
  return { prepare, run, close };
}
