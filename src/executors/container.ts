import type { Host } from "../base/host.ts";
import { lazy } from "../base/lazy.ts";
import type { Command } from "../command/command.ts";
import { type ContainerPlan, planContainer } from "./container/plan.ts";
import type { Executor } from "./executor.ts";

/** Runs commands in containers. Most catalogues have none: what runs them is loaded for the first one. */
export function createContainerExecutor(host: Host): Executor<ContainerPlan> {
  let isOpen = false;
  let isClosed = false;
  const load = lazy(async () => (await import("./container/executor.ts")).createFleetExecutor(host));
  const isWanted = (commands: readonly Command[]): boolean =>
    !isClosed && (isOpen || commands.some(({ container }) => container));

  function open(): ReturnType<typeof load> {
    isOpen = true;
    return load();
  }
  return {
    name: "container",
    plan: planContainer,
    run: async (plan, io) => (await open()).run(plan, io),
    prepare: async (commands) => {
      if (isWanted(commands)) await (await open()).prepare?.(commands);
    },
    close: async () => {
      isClosed = true;
      if (isOpen) await (await open()).close?.();
    },
    sweep: async (commands) => {
      if (isWanted(commands)) await (await open()).sweep?.(commands);
    },
  };
}
