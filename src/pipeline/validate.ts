import { refuse } from "../base/refusal.ts";
import { checkConstraints, settleArguments } from "../command/arguments.ts";
import type { Command } from "../command/command.ts";
import type { Call, Next, Outcome } from "./call.ts";

/** Checks that the command has all that it needs, checks the arguments, and fills defaults in. */
export async function validate(call: Call, next: Next): Promise<Outcome> {
  checkVariables(call.command);
  const values = await settleArguments(call.command, call.given);
  await checkConstraints(call.command, values);
  return next({ ...call, values });
}

function checkVariables({ name, unset }: Command): void {
  if (unset.length === 0) return;
  const names = Array.from(new Set(unset)).join(", ");
  throw refuse(
    "environment.unset",
    `"${name}" wants ${names}, not set here; set it where mcpfier is started, and restart it`,
  );
}
