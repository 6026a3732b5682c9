import { abilityOf } from "./executors/probe.ts";
import type { Call, Next, Outcome } from "./pipeline/call.ts";
import { refusedBy } from "./pipeline/settle.ts";
import type { Told } from "./pipeline/told.ts";

/** A call before the host was asked what it can do. */
export type Wanted = Omit<Call, "context"> & { readonly context: Omit<Call["context"], "ability"> };

/** Runs calls, and knows when none runs. */
export interface Runner {
  run(wanted: Wanted): Promise<Outcome>;
  idle(): Promise<void>;
}

export function createRunner(pipeline: Next, told: Told): Runner {
  let running = 0;
  let quiet: PromiseWithResolvers<void> | undefined;

  async function run(wanted: Wanted): Promise<Outcome> {
    const { context, command } = wanted;
    running++;
    let outcome: Outcome;
    try {
      outcome = await pipeline({ ...wanted, context: { ...context, ability: await abilityOf(context.host) } });
    } catch (error) {
      outcome = refusedBy(error, { callId: context.callId, tool: command.name, durationMs: 0 });
    }
    try {
      return told.of(outcome, { ...wanted, secrets: context.secrets });
    } finally {
      running--;
      if (running === 0) {
        quiet?.resolve();
        quiet = undefined;
      }
    }
  }

  async function idle(): Promise<void> {
    if (running > 0) await (quiet ??= Promise.withResolvers()).promise;
  }
  return { run, idle };
}
