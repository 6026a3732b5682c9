import { executorOf } from "../executors/registry.ts";
import type { Call, Next, Outcome } from "./call.ts";

/** Decides what will be done. A dry run ends here. */
export async function plan(call: Call, next: Next): Promise<Outcome> {
  const { command, values, context } = call;
  const made = executorOf(command).plan(command, values, context);
  if (call.dryRun)
    return {
      kind: "planned",
      command,
      callId: context.callId,
      tool: command.name,
      durationMs: 0,
      plan: made,
      needs: [],
    };
  return next({ ...call, plan: made });
}
