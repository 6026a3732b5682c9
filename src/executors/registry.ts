import type { Host } from "../base/host.ts";
import type { Command } from "../command/command.ts";
import type { Executor } from "./executor.ts";
import { localExecutor } from "./local.ts";
import type { LocalPlan } from "./plan.ts";

/** The executor that carries a command out. */
export function executorOf(_command: Command): Executor<LocalPlan> {
  return localExecutor;
}

/** Ends what outlives its calls. */
export function closeExecutors(): void {
  localExecutor.close?.();
}

/** Ends and removes what servers left that are dead themselves, and nothing else. */
export async function sweepExecutors(host: Host): Promise<void> {
  await localExecutor.sweep?.(host);
}
