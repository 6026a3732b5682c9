import { REFUSALS } from "../base/refusal.ts";
import type { Outcome } from "../pipeline/call.ts";
import { EXIT } from "./verb.ts";

/** The exit code of `mcpfier run`: the child's own, or after coreutils' `timeout` and the shells. */
export function exitCodeOf(outcome: Outcome): number {
  if (outcome.kind === "timed_out") return 124;
  if (outcome.kind === "cancelled") return 130;
  if (outcome.kind === "refused") return REFUSALS[outcome.code][0];
  if (outcome.kind === "planned") {
    const { plan } = outcome;
    return plan.executor === "local" && plan.program === null ? REFUSALS["program.missing"][0] : EXIT.fine;
  }
  if (outcome.kind === "limited") return 137;
  if (outcome.kind === "unknown" || outcome.kind === "handed_off") return EXIT.refused;
  return outcome.exitCode ?? EXIT.refused;
}
