import { Refusal } from "../../base/refusal.ts";
import type { Host } from "../../base/host.ts";
import { log } from "../../base/log.ts";
import type { Command } from "../../command/command.ts";
import { EngineFault } from "../../containers/fault.ts";
import type { CallIO, Ending, Executor } from "../executor.ts";
import { privateFolder, removeFolder } from "../private-folder.ts";
import { refusalOf } from "./faults.ts";
import { type Fleet, type Ship, createFleet } from "./fleet.ts";
import { createJanitor } from "./janitor.ts";
import { isAbandoned, OWNER } from "./labels.ts";
import { live } from "./life.ts";
import { type Made, make } from "./make.ts";
import { type ContainerPlan, planContainer } from "./plan.ts";

/** Runs commands in containers, each in one of its own, by whatever engine its plan names. */
export function createContainerExecutor(host: Host): Executor<ContainerPlan> {
  const fleet = createFleet(host);
  const janitor = createJanitor();

  /** On the first engine that takes it: what has not begun on one that is down may begin on the next. */
  async function run(plan: ContainerPlan, io: CallIO): Promise<Ending> {
    const [first, ...others] = fleet.order(plan.engines);
    if (!first) throw new Error("a plan names an engine");
    try {
      return await runOn(first, plan, io);
    } catch (error) {
      const next = others[0]?.engine;
      if (next === undefined || !isDown(error) || io.signal.aborted) throw refusalOf(error, plan);
      log.warn({ callId: plan.callId, engine: first.engine, error }, "an engine is down; the next one is asked");
      return run({ ...plan, engines: plan.engines.filter((engine) => engine !== first.engine) }, io);
    }
  }

  async function runOn(ship: Ship, plan: ContainerPlan, io: CallIO): Promise<Ending> {
    ship.load += 1;
    try {
      const daemon = await ship.daemon();
      const making = make(plan, io, { daemon, janitor });
      const made = await unlessAborted(making, io.signal);
      if (made) return await live(made, plan, io);
      janitor.attend(clearAway(making, plan));
      return CANCELLED;
    } catch (error) {
      if (isDown(error)) ship.failedAt = performance.now();
      throw error;
    } finally {
      ship.load -= 1;
      await removeFiles(plan);
    }
  }

  async function sweep(commands: readonly Command[]): Promise<void> {
    await Promise.all(enginesOf(commands, fleet).map((ship) => sweepShip(ship)));
  }

  async function sweepShip(ship: Ship): Promise<void> {
    try {
      const daemon = await ship.daemon();
      const found = await daemon.list([OWNER]);
      for (const { id, labels, state } of found)
        if (isAbandoned(labels, state === "running")) janitor.remove(daemon, id);
    } catch (error) {
      log.warn({ engine: ship.engine, error }, "what an earlier server left in containers could not be looked for");
    }
  }

  async function close(): Promise<void> {
    await janitor.close();
    fleet.close();
  }
  return { name: "container", plan: planContainer, run, sweep, close };
}

async function removeFiles({ files, callId }: ContainerPlan): Promise<void> {
  if (files.length > 0) await removeFolder(privateFolder(callId));
}

/** Of a container that nobody waits for any more. */
async function clearAway(making: Promise<Made>, plan: ContainerPlan): Promise<void> {
  const made = await making.catch(() => null);
  made?.remove();
  await removeFiles(plan);
}

/** Whether it was certainly not begun there, and may be elsewhere. */
function isDown(error: unknown): boolean {
  return error instanceof Refusal
    ? error.code === "engine.down"
    : error instanceof EngineFault && error.kind !== "denied";
}

function enginesOf(commands: readonly Command[], fleet: Fleet): readonly Ship[] {
  const named = commands.flatMap(({ container }): readonly (string | null)[] => {
    if (!container) return [];
    return container.engines.length === 0 ? [null] : container.engines;
  });
  return fleet.order([...new Set(named)]);
}

const CANCELLED: Ending = {
  exitCode: null,
  signal: null,
  stopped: "cancel",
  limit: null,
  incomplete: false,
  loose: false,
  lost: null,
  remains: null,
};

/** A caller that goes does not wait for an engine. Undefined: it has gone. */
function unlessAborted<Value>(making: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined);
    signal.addEventListener("abort", abort, { once: true });
    making.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
  });
}
