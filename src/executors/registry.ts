import type { Host } from "../base/host.ts";
import type { Values } from "../command/arguments.ts";
import type { Command } from "../command/command.ts";
import { createContainerExecutor } from "./container/executor.ts";
import type { CallIO, Ending, Executor, PlanContext } from "./executor.ts";
import { createLocalExecutor } from "./local.ts";
import type { Plan } from "./plan.ts";

/** All executors of one server as one. */
export interface Executors {
  plan(command: Command, values: Values, context: PlanContext): Plan;
  run(plan: Plan, io: CallIO): Promise<Ending>;
  /** Gets ready for calls of these commands, and lets go of what was ready for others. */
  prepare(commands: readonly Command[]): void;
  /** Ends what outlives its calls. */
  close(): Promise<void>;
  /** Ends and removes what servers left that are dead themselves, and nothing else. */
  sweep(commands: readonly Command[]): Promise<void>;
}

export function createExecutors(host: Host): Executors {
  const local = createLocalExecutor(host);
  const container = createContainerExecutor(host);
  const all: readonly Pick<Executor<never>, "prepare" | "close" | "sweep">[] = [local, container];
  return {
    plan: (command, values, context) => (command.container ? container : local).plan(command, values, context),
    run: (plan, io) => (plan.executor === "container" ? container.run(plan, io) : local.run(plan, io)),
    prepare: (commands) => all.forEach((each) => each.prepare?.(commands)),
    close: async () => void (await Promise.all(all.map(async (each) => each.close?.()))),
    sweep: async (commands) => void (await Promise.all(all.map(async (each) => each.sweep?.(commands)))),
  };
}
