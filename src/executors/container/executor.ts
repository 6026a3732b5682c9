import type { Host } from "../../base/host.ts";
import { log } from "../../base/log.ts";
import type { Command } from "../../command/command.ts";
import { enginesOf } from "../../command/container.ts";
import type { CallIO, Ending, Executor, PlanContext } from "../executor.ts";
import { abilityOf } from "../probe.ts";
import { CANCELLED, createCold } from "./cold.ts";
import { type Fleet, type Ship, createFleet } from "./fleet.ts";
import { type Janitor, createJanitor } from "./janitor.ts";
import { isLeft } from "./home.ts";
import { OWNER } from "./labels.ts";
import { type ContainerPlan, type Housing, planContainer, planHousing } from "./plan.ts";
import { type Warmth, createWarmth } from "./warm.ts";

/** Runs commands in containers, each in one of its own, by whatever engine its plan names. */
export function createFleetExecutor(host: Host): Executor<ContainerPlan> {
  const fleet = createFleet(host);
  const janitor = createJanitor();
  const cold = createCold(fleet, janitor);
  const warmth = createWarmth(fleet, janitor);

  async function run(plan: ContainerPlan, io: CallIO): Promise<Ending> {
    const ending = plan.warm > 0 ? await warmth.run(plan, io) : undefined;
    if (ending) return ending;
    return io.signal.aborted ? CANCELLED : cold.run(plan, io);
  }

  async function close(): Promise<void> {
    await warmth.close();
    await janitor.close();
    fleet.close();
  }
  return {
    name: "container",
    plan: planContainer,
    run,
    prepare: (commands) => prepare(warmth, commands, host),
    sweep: async (commands) =>
      void (await Promise.all(shipsOf(commands, fleet).map((ship) => sweepShip(ship, janitor)))),
    close,
  };
}

async function sweepShip(ship: Ship, janitor: Janitor): Promise<void> {
  try {
    const daemon = await ship.daemon();
    const found = await daemon.list([OWNER]);
    for (const each of found) if (await isLeft(daemon, each)) void janitor.remove(daemon, each.id);
  } catch (error) {
    log.warn({ engine: ship.engine, error }, "what an earlier server left in containers could not be looked for");
  }
}

async function prepare(warmth: Warmth, commands: readonly Command[], host: Host): Promise<void> {
  const warm = commands.filter(({ container }) => (container?.warm ?? 0) > 0);
  const context = { host, ability: await abilityOf(host) };
  await warmth.prepare(warm.flatMap((command) => housingOf(command, context)));
}

/** None where every call will be refused. */
function housingOf(command: Command, context: Pick<PlanContext, "host" | "ability">): readonly Housing[] {
  try {
    return [planHousing(command, NO_VALUES, context)];
  } catch (error) {
    log.warn({ command: command.name, error }, "no container can wait for calls that will be refused");
    return [];
  }
}

/** No container waits whose mounts depend on them. */
const NO_VALUES = new Map<string, never>();

function shipsOf(commands: readonly Command[], fleet: Fleet): readonly Ship[] {
  return fleet.order([...new Set(commands.flatMap(({ container }) => (container ? enginesOf(container) : [])))]);
}
