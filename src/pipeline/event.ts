import { REFUSALS } from "../base/refusal.ts";
import { redact } from "../base/secret.ts";
import { plainText } from "../base/text.ts";
import { type Command, executorOf } from "../command/command.ts";
import { type CallEvent, timestampOf } from "../stores/analytics/event.ts";
import type { Outcome, Ran, Refused } from "./call.ts";
import { statusOf } from "./status.ts";

/** What is known of a call beside its outcome. */
export interface CallOrigin {
  /** Undefined: there is no such tool. */
  readonly command: Command | undefined;
  readonly caller: string;
  readonly secrets: readonly string[];
}

/** Names that callers give themselves may have any length. */
const MOST = { name: 128, error: 500 } as const;

/** An ended call as the analytics keep it; null for an answer that is no end. Arguments and output are not in it. */
export function eventOf(outcome: Outcome, origin: CallOrigin): Omit<CallEvent, "session_id"> | null {
  if (outcome.kind === "planned" || outcome.kind === "handed_off") return null;
  if (outcome.kind === "refused" && (outcome.code === "confirm.asked" || outcome.code === "ask.asked")) return null;
  const { command, caller, secrets } = origin;
  const clean = (text: string, most: number): string => plainText(redact(text, secrets)).slice(0, most);
  const isSuccess = outcome.kind === "completed" && !outcome.shown.isError;
  const error = outcome.kind === "refused" ? refusalText(outcome) : errorText(outcome);
  return {
    table: "events",
    timestamp: timestampOf(Date.now()),
    // Of what is not there callers could make up any number of names.
    command_name: command ? clean(outcome.tool, MOST.name) : "",
    duration_ms: outcome.durationMs,
    success: isSuccess ? 1 : 0,
    error_message: isSuccess ? "" : clean(`${needText(outcome)}${error}`, MOST.error),
    execution_mode: command ? executorOf(command) : "",
    call_id: outcome.callId,
    outcome: outcome.kind,
    caller: clean(caller, MOST.name),
    ...(outcome.kind === "refused" ? NOT_STARTED : factsOf(outcome)),
    reason: outcome.kind === "refused" ? outcome.code : outcome.limit,
  };
}

const NOT_STARTED = {
  output_size: 0,
  executor: null,
  exit_code: null,
  signal: null,
  attempt: null,
  cached: 0,
} as const;

function factsOf({
  stdout,
  stderr,
  executor,
  exitCode: exit_code,
  signal,
  attempt,
  cached,
}: Ran): Pick<CallEvent, keyof typeof NOT_STARTED> {
  return { output_size: stdout.bytes + stderr.bytes, executor, exit_code, signal, attempt, cached: cached ? 1 : 0 };
}

function needText({ need }: Outcome): string {
  return need === undefined ? "" : `"${need}", which it needs: `;
}

/** The problems themselves cite arguments, but for those of a service, which name its host only. */
function refusalText({ code, problems }: Refused): string {
  return `refused (${code}): ${code.startsWith("webhook.") ? problems.join("; ") : REFUSALS[code][1]}`;
}

function errorText(outcome: Ran): string {
  const { exitCode, signal, meaning, limit, answer } = outcome;
  if (outcome.kind === "completed") return "what it printed is not what the catalogue says of its output";
  if (outcome.kind === "timed_out") return outcome.idle ? "timed out: it printed nothing for too long" : "timed out";
  if (outcome.kind === "cancelled") return "cancelled";
  if (outcome.kind === "limited") return `stopped by its limit of ${limit}`;
  if (outcome.kind === "unknown") return `lost sight of it: ${outcome.why}`;
  if (answer) return answer.why || statusOf(answer);
  if (signal !== null) return `ended by ${signal}`;
  return `exit code ${exitCode}${meaning === "" ? "" : `: ${meaning}`}`;
}
