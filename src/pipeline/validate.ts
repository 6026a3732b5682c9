import { refuse } from "../base/refusal.ts";
import { type Values, checkConstraints, settleArguments } from "../command/arguments.ts";
import type { Command } from "../command/command.ts";
import type { Call, Next, Outcome } from "./call.ts";

/** Checks that the command has all that it needs, checks the arguments, and fills defaults in. */
export async function validate(call: Call, next: Next): Promise<Outcome> {
  return next({ ...call, values: await settled(call.command, call.given) });
}

/** What a command is called with as things are now: paths are followed on the disk. */
export async function settled(command: Command, given: unknown): Promise<Values> {
  checkReady(command);
  const values = await settleArguments(command, given);
  if (command.constraints.length > 0) await checkConstraints(command, values);
  return values;
}

/** Refuses a command that no arguments can make run: it wants what nobody has set. */
export function checkReady({ name, lacksWorkspace, unset }: Command): void {
  if (lacksWorkspace)
    throw refuse(
      "workspace.missing",
      `"${name}" works in the folder of the client (\`workspace: client\`), and the client named none that can be used: open a folder in a client that offers roots, or start mcpfier with \`--workspace FOLDER\``,
    );
  if (unset.length === 0) return;
  const names = Array.from(new Set(unset)).join(", ");
  throw refuse(
    "environment.unset",
    `"${name}" wants ${names}, not set here; set it where mcpfier is started, and restart it`,
  );
}
