import { log } from "../base/log.ts";
import { Refusal } from "../base/refusal.ts";
import type { Call, Next, Outcome } from "./call.ts";

/** Turns a refusal, and a defect of our own, into an outcome: behind this step nothing is thrown. */
export async function settle(call: Call, next: Next): Promise<Outcome> {
  const started = performance.now();
  const { name: tool } = call.command;
  const { callId } = call.context;
  try {
    return { ...(await next(call)), durationMs: elapsed(started) };
  } catch (error) {
    const told = { kind: "refused", callId, tool, durationMs: elapsed(started) } as const;
    if (error instanceof Refusal) return { ...told, code: error.code, problems: error.problems };
    log.error({ callId, tool, error }, "a call failed inside mcpfier");
    return {
      ...told,
      code: "internal.error",
      problems: [`a defect of mcpfier stopped the call; its log tells more under ${callId}`],
    };
  }
}

/** Milliseconds, from a clock that does not jump. */
function elapsed(started: number): number {
  return Math.round(performance.now() - started);
}
