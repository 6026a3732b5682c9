import { type Values, checkConstraints, settleArguments } from "../command/arguments.ts";
import type { Command } from "../command/command.ts";
import type { Call, Next, Outcome } from "./call.ts";

/** Checks the arguments and fills defaults in. */
export async function validate(call: Call, next: Next): Promise<Outcome> {
  return next({ ...call, values: await settled(call.command, call.given) });
}

/** As they are now: paths are followed on the disk. */
export async function settled(command: Command, given: unknown): Promise<Values> {
  const values = await settleArguments(command, given);
  await checkConstraints(command, values);
  return values;
}
