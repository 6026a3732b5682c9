import { isDown } from "./faults.ts";
import type { Fleet } from "./fleet.ts";
import type { Janitor } from "./janitor.ts";
import type { Slot } from "./slot.ts";
import { type Standing, stand } from "./standing.ts";

/** Makes the containers that are to wait, behind the calls. */
export interface Crew {
  /** Looks what is missing. */
  fill(): void;
  /** Resolves when all stand, or it was tried in vain, or the crew went home. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Being made at once, of all commands: more would hold up the calls. */
const MOST_MAKING = 2;
/** An image's name may mean another one meanwhile; a connection may have died without a word. */
const LONGEST_WAIT_MS = 10 * 60_000;
/** How long a shutdown waits for those that are being made. */
const PATIENCE_MS = 3000;

export function createCrew(
  slots: ReadonlyMap<string, Slot>,
  { fleet, janitor }: { readonly fleet: Fleet; readonly janitor: Janitor },
): Crew {
  const closing = new AbortController();
  const { signal } = closing;
  const making = new Set<Promise<void>>();
  const waiting = new Set<() => void>();

  function fill(): void {
    while (!signal.aborted && making.size < MOST_MAKING) {
      const slot = [...slots.values()].filter((each) => each.lacks()).toSorted((a, b) => a.size() - b.size())[0];
      if (!slot) break;
      const done = add(slot).finally(() => {
        making.delete(done);
        fill();
      });
      making.add(done);
    }
    if (!signal.aborted && ![...slots.values()].every((slot) => slot.isSettled())) return;
    for (const resolve of waiting) resolve();
    waiting.clear();
  }

  async function add(slot: Slot): Promise<void> {
    const ship = slot.leastOf(fleet.order(slot.housing.engines));
    const finish = slot.begin(ship);
    try {
      const made = await stand(slot.housing, ship, { janitor, signal });
      if ("unfit" in made) slot.giveUp(made.unfit);
      else if (signal.aborted || !slot.keep(made)) void made.made.remove();
      else watch(made, slot, fill);
    } catch (error) {
      if (isDown(error)) ship.failedAt = performance.now();
      if (!signal.aborted) slot.fail(error);
    } finally {
      finish();
    }
  }

  async function settled(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.add(resolve);
    fill();
    await promise;
  }

  async function close(): Promise<void> {
    closing.abort();
    fill();
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, PATIENCE_MS);
    await Promise.race([Promise.all(making), patience.promise]);
    clearTimeout(timer);
  }
  return { fill, settled, close };
}

/** Has one replaced that waited too long, or ended. */
function watch(standing: Standing, slot: Slot, replace: () => void): void {
  const { made } = standing;
  const timer = setTimeout(leave, LONGEST_WAIT_MS).unref();
  made.wait.ended.then(lose, lose);

  function leave(): void {
    clearTimeout(timer);
    if (!slot.discard(standing)) return;
    void made.remove();
    replace();
  }

  function lose(): void {
    if (slot.holds(standing)) slot.fail(new Error("a container ended while it waited"));
    leave();
  }
}
