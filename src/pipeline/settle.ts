import { inspect } from "node:util";
import { log } from "../base/log.ts";
import { Refusal } from "../base/refusal.ts";
import { redact } from "../base/secret.ts";
import { parameterOf } from "../command/command.ts";
import type { Call, Next, Outcome, Refused } from "./call.ts";

/** Turns a refusal, and a defect of our own, into an outcome: behind this step nothing is thrown. */
export async function settle(call: Call, next: Next): Promise<Outcome> {
  const started = performance.now();
  const { name: tool } = call.command;
  const { callId } = call.context;
  try {
    return { ...(await next(call)), durationMs: elapsed(started) };
  } catch (error) {
    const clean = cleanerOf(call);
    const refused = refusedBy(error, { callId, tool, durationMs: elapsed(started) }, clean);
    return { ...refused, problems: refused.problems.map(clean) };
  }
}

/** What is told of an error that kept a call from starting; `clean` takes out of its text what nobody may see. */
export function refusedBy(
  error: unknown,
  told: Pick<Refused, "callId" | "tool" | "durationMs">,
  clean = (text: string): string => text,
): Refused {
  if (error instanceof Refusal) return { kind: "refused", ...told, code: error.code, problems: error.problems };
  const { callId, tool } = told;
  log.error({ callId, tool, error: clean(inspect(error)) }, "a call failed inside mcpfier");
  const problem = `a defect of mcpfier stopped the call; its log tells more under ${callId}`;
  return { kind: "refused", ...told, code: "internal.error", problems: [problem] };
}

/** Milliseconds, from a clock that does not jump. */
function elapsed(started: number): number {
  return Math.round(performance.now() - started);
}

/** What a refusal cites may be secret: an argument that was given, or a value of the environment in a path. */
export function cleanerOf({
  command,
  context,
  given,
}: Pick<Call, "command" | "context" | "given">): (text: string) => string {
  const values = typeof given === "object" && given !== null ? Object.entries(given) : [];
  const isSecret = (name: string): boolean => parameterOf(command, name)?.secret === true;
  const named = values.filter(([name]) => isSecret(name)).flatMap(([, value]: [string, unknown]) => [value].flat());
  const secrets = [...context.secrets, ...named.filter((value) => typeof value === "string")];
  return (text) => redact(text, secrets);
}
