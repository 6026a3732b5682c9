import type { Outcome } from "./call.ts";

/** What is told of a call beside its output, in `_meta["mcpfier/call"]` and by `--json`; what does not apply is absent. */
export function callFacts(outcome: Outcome): Readonly<Record<string, unknown>> {
  const told = { id: outcome.callId, outcome: outcome.kind, durationMs: outcome.durationMs };
  if (outcome.kind === "planned") return told;
  if (outcome.kind === "refused") return { ...told, code: outcome.code };
  return {
    ...told,
    ...(outcome.exitCode === null ? {} : { exitCode: outcome.exitCode }),
    ...(outcome.signal === null ? {} : { signal: outcome.signal }),
    stdoutBytes: outcome.stdout.bytes,
    stderrBytes: outcome.stderr.bytes,
    shownBytes: outcome.shown.bytes,
    executor: outcome.executor,
    attempt: 1,
    cached: false,
  };
}
