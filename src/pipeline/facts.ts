import type { Outcome, Ran } from "./call.ts";

/** What is told of a call beside its output, in `_meta["mcpfier/call"]` and by `--json`; what does not apply is absent. */
export function callFacts(outcome: Outcome): Readonly<Record<string, unknown>> {
  const told = {
    id: outcome.callId,
    outcome: outcome.kind,
    durationMs: outcome.durationMs,
    ...(outcome.need === undefined ? {} : { need: outcome.need }),
  };
  if (outcome.kind === "planned" || outcome.kind === "handed_off") return told;
  if (outcome.kind === "refused") return { ...told, code: outcome.code };
  return {
    ...told,
    ...(outcome.exitCode === null ? {} : { exitCode: outcome.exitCode }),
    ...(outcome.signal === null ? {} : { signal: outcome.signal }),
    ...(outcome.limit === null ? {} : { limit: outcome.limit }),
    ...answerFacts(outcome),
    stdoutBytes: outcome.stdout.bytes,
    stderrBytes: outcome.stderr.bytes,
    shownBytes: outcome.shown.bytes,
    ...(outcome.shown.cut.length > 0 ? { truncated: true } : {}),
    executor: outcome.executor,
    attempt: outcome.answer?.tries ?? outcome.attempt,
    cached: outcome.cached,
  };
}

function answerFacts({ answer }: Ran): Readonly<Record<string, unknown>> {
  if (!answer || answer.status === null) return {};
  return { status: answer.status, headers: answer.headers };
}
