import type { Host } from "../base/host.ts";
import { log } from "../base/log.ts";
import type { Values } from "../command/arguments.ts";
import { type Command, executorOf } from "../command/command.ts";
import { createContainerExecutor } from "./container.ts";
import type { CallIO, Ending, Executor, PlanContext } from "./executor.ts";
import { createLocalExecutor } from "./local.ts";
import type { Plan } from "./plan.ts";
import { createWebhookExecutor } from "./webhook.ts";

/** All executors of one server as one. */
export interface Executors {
  plan(command: Command, values: Values, context: PlanContext): Plan;
  run(plan: Plan, io: CallIO): Promise<Ending>;
  /** What a server does once: gets ready for calls, and removes what servers left that are dead themselves. */
  settleIn(commands: readonly Command[]): Promise<void>;
  /** The commands are now these. */
  replace(commands: readonly Command[]): void;
  /** Ends what outlives its calls. */
  close(): Promise<void>;
}

export function createExecutors(host: Host): Executors {
  const local = createLocalExecutor(host);
  const container = createContainerExecutor(host);
  const webhook = createWebhookExecutor();
  const executors = { local, container, webhook };
  const all: readonly Pick<Executor<never>, "prepare" | "close" | "sweep">[] = Object.values(executors);
  let isSettled = false;
  const prepare = (commands: readonly Command[]): Promise<unknown> =>
    Promise.all(all.map(async (each) => each.prepare?.(commands)));
  return {
    plan: (command, values, context) => executors[executorOf(command)].plan(command, values, context),
    run: (plan, io) => {
      if (plan.executor === "webhook") return webhook.run(plan, io);
      return plan.executor === "container" ? container.run(plan, io) : local.run(plan, io);
    },
    settleIn: async (commands) => {
      isSettled = true;
      await Promise.all([prepare(commands), ...all.map(async (each) => each.sweep?.(commands))]);
    },
    replace: (commands) => {
      if (isSettled) prepare(commands).catch(unprepared);
    },
    close: async () => void (await Promise.all(all.map(async (each) => each.close?.()))),
  };
}

/** Calls do without: what stands ready for them only makes them faster. */
function unprepared(error: unknown): void {
  log.warn({ error }, "it could not be got ready for the calls of the new catalogue");
}
