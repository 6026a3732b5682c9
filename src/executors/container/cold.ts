import { unlessAborted } from "../../base/abort.ts";
import { log } from "../../base/log.ts";
import type { Daemon } from "../../containers/daemon.ts";
import type { CallIO, Ending } from "../executor.ts";
import { privateFolder, removeFolder } from "../private-folder.ts";
import { isDown, isElsewhere, refusalOf } from "./faults.ts";
import { type Fleet, NEVER, type Ship } from "./fleet.ts";
import type { Janitor } from "./janitor.ts";
import { live } from "./life.ts";
import { type Made, make } from "./make.ts";
import type { ContainerPlan } from "./plan.ts";
import { noteAnswer, noteSilence } from "./silence.ts";

/** Runs calls in containers that are made for them. */
export interface Cold {
  run(plan: ContainerPlan, io: CallIO): Promise<Ending>;
}

const PING_MS = 2000;

export function createCold(fleet: Fleet, janitor: Janitor): Cold {
  /** On the first engine that takes it: what has not begun on one may begin on the next. */
  async function run(plan: ContainerPlan, io: CallIO): Promise<Ending> {
    const faults: unknown[] = [];
    for (const ship of fleet.order(plan.engines)) {
      try {
        return await runOn(ship, plan, io);
      } catch (error) {
        if (!isElsewhere(error) || io.signal.aborted) throw refusalOf(error, plan);
        log.info({ callId: plan.callId, engine: ship.engine, error }, "an engine does not take a call");
        faults.push(error);
      }
    }
    throw refusalOf(faults[0], plan);
  }

  async function runOn(ship: Ship, plan: ContainerPlan, io: CallIO): Promise<Ending> {
    let daemon: Daemon | undefined;
    const begin = async (): Promise<Made> => {
      daemon = await ship.daemon();
      // A call must not take all of its time to fail again: one that was silent is first asked for a sign of life.
      if (ship.failedAt !== NEVER) await daemon.ping(PING_MS);
      io.signal.throwIfAborted();
      return make(plan, io, { daemon, janitor });
    };
    ship.load += 1;
    try {
      const making = begin();
      const made = await unlessAborted(making, io.signal);
      if (made) {
        noteAnswer(made.daemon);
        ship.failedAt = NEVER;
        return await live(made, plan, io);
      }
      janitor.attend(clearAway(making, plan));
      return CANCELLED;
    } catch (error) {
      if (isDown(error)) {
        ship.failedAt = performance.now();
        noteSilence(daemon ?? ship, error, plan.callId);
      }
      throw error;
    } finally {
      ship.load -= 1;
      await removeFiles(plan);
    }
  }
  return { run };
}

async function removeFiles({ files, callId }: ContainerPlan): Promise<void> {
  if (files.length > 0) await removeFolder(privateFolder(callId), callId);
}

/** Of a container that nobody waits for any more. */
async function clearAway(making: Promise<Made>, plan: ContainerPlan): Promise<void> {
  const made = await making.catch(() => null);
  void made?.remove();
  await removeFiles(plan);
}

/** How a call ends whose caller went before it began. */
export const CANCELLED: Ending = {
  exitCode: null,
  signal: null,
  stopped: "cancel",
  limit: null,
  incomplete: false,
  loose: false,
  lost: null,
  remains: null,
};
