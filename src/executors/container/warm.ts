import type { CallIO, Ending } from "../executor.ts";
import { createCrew } from "./crew.ts";
import type { Fleet } from "./fleet.ts";
import type { Janitor } from "./janitor.ts";
import { clearing, see } from "./life.ts";
import { checkHost } from "./make.ts";
import type { ContainerPlan, Housing } from "./plan.ts";
import { type Slot, createSlot, keyOf } from "./slot.ts";
import { type Standing, sourcesOf } from "./standing.ts";
import { orderOf } from "./stub.ts";

/** Containers that stand started and wait for calls, each for one. */
export interface Warmth {
  /** So many of these are to stand, and no others. Resolves when they do, or it was tried in vain. */
  prepare(housings: readonly Housing[]): Promise<void>;
  /** Runs a call in one that waits for it; undefined: none does, and nothing has begun. */
  run(plan: ContainerPlan, io: CallIO): Promise<Ending | undefined>;
  close(): Promise<void>;
}

export function createWarmth(fleet: Fleet, janitor: Janitor): Warmth {
  const slots = new Map<string, Slot>();
  const crew = createCrew(slots, { fleet, janitor });

  async function prepare(housings: readonly Housing[]): Promise<void> {
    const wanted = new Map(housings.map((housing) => [keyOf(housing), housing]));
    for (const [key, slot] of slots) {
      if (wanted.has(key)) continue;
      slots.delete(key);
      slot.close();
    }
    for (const [key, housing] of wanted) {
      const slot = slots.get(key) ?? createSlot(housing, crew.fill);
      slots.set(key, slot);
      slot.resize(housing.warm);
    }
    await crew.settled();
  }

  function take(plan: ContainerPlan): Standing | undefined {
    const slot = slots.get(keyOf(plan));
    const standing = slot?.take(fleet.order(plan.engines));
    if (!slot || !standing || standing.sources === sourcesOf(plan)) return standing;
    void standing.made.remove();
    slot.empty();
    crew.fill();
    return undefined;
  }

  async function run(plan: ContainerPlan, io: CallIO): Promise<Ending | undefined> {
    const order = orderOf(plan);
    const standing = order === null ? undefined : take(plan);
    if (order === null || !standing) return undefined;
    const { ship, made, talk } = standing;
    ship.load += 1;
    try {
      return await clearing(made, async () => {
        checkHost(plan, made.daemon);
        const isReady = await talk.order(order, io.signal);
        return isReady ? see(made, talk.inside, { plan, io }) : undefined;
      });
    } finally {
      ship.load -= 1;
      crew.fill();
    }
  }

  async function close(): Promise<void> {
    for (const slot of slots.values()) slot.close();
    await crew.close();
  }
  return { prepare, run, close };
}
