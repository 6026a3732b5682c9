import { checkConstraints, settleArguments } from "../command/arguments.ts";
import type { Call, Next, Outcome } from "./call.ts";

/** Checks the arguments and fills defaults in. */
export async function validate(call: Call, next: Next): Promise<Outcome> {
  const values = await settleArguments(call.command, call.given);
  await checkConstraints(call.command, values);
  return next({ ...call, values });
}
