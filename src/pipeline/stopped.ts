import { refuse } from "../base/refusal.ts";
import { executorOf } from "../command/command.ts";
import type { Call, Stopped } from "./call.ts";
import { EMPTY } from "./capture.ts";
import { NOT_SHOWN } from "./shown.ts";

/** How a call ends of which nothing was started, because it was cancelled first; with a shutdown it is refused. */
export function neverStarted({ command, context, attempt, signal }: Call): Stopped {
  if (signal.reason === "shutdown") throw refuse("server.stopping", "the server is shutting down");
  return {
    kind: "cancelled",
    callId: context.callId,
    tool: command.name,
    durationMs: 0,
    executor: executorOf(command),
    attempt,
    ...NEVER_STARTED,
  };
}

const NEVER_STARTED = {
  cached: false,
  shown: { ...NOT_SHOWN, text: "cancelled: nothing of it was started" },
  idle: false,
  exitCode: null,
  signal: null,
  meaning: "",
  limit: null,
  record: null,
  stdout: EMPTY,
  stderr: EMPTY,
  incomplete: false,
  loose: false,
} as const;
