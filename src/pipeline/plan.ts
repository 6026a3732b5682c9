import type { Executors } from "../executors/registry.ts";
import { fieldsOf } from "./ask.ts";
import type { Call, Middleware, Next, Outcome } from "./call.ts";
import { checkConfirmed } from "./confirm.ts";
import { wishText } from "./question.ts";

/** Decides what will be done. A dry run ends here. */
export function createPlan(executors: Executors): Middleware {
  return (call, next) => plan(executors, call, next);
}

async function plan(executors: Executors, call: Call, next: Next): Promise<Outcome> {
  const { command, values, context } = call;
  const made = executors.plan(command, values, context);
  if (call.dryRun)
    return {
      kind: "planned",
      command,
      callId: context.callId,
      tool: command.name,
      durationMs: 0,
      plan: made,
      needs: [],
      ask: fieldsOf(command, call.given).map(({ name }) => name),
      confirm: command.confirm === null ? null : wishText(command, values, made),
    };
  checkConfirmed(call, made);
  return next({ ...call, plan: made });
}
