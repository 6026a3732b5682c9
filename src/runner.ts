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
  const running = new Set<Promise<Outcome>>();

  async function run(wanted: Wanted): Promise<Outcome> {
    const ending = runToEnd(pipeline, wanted);
    running.add(ending);
    try {
      return told.of(await ending, { ...wanted, secrets: wanted.context.secrets });
    } finally {
      running.delete(ending);
    }
  }
  return { run, idle: async () => void (await Promise.all(running)) };
}

async function runToEnd(pipeline: Next, { context, command, ...call }: Wanted): Promise<Outcome> {
  try {
    return await pipeline({ ...call, command, context: { ...context, ability: await abilityOf(context.host) } });
  } catch (error) {
    return refusedBy(error, { callId: context.callId, tool: command.name, durationMs: 0 });
  }
}
