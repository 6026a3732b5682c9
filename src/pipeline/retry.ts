import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "../base/refusal.ts";
import { LONGEST_DELAY_MS, type Retry } from "../command/command.ts";
import type { Call, Failed, Next, Outcome, Stopped } from "./call.ts";
import { notify } from "./notice.ts";
import { cancelledAfter } from "./shape.ts";

/** Tries a call again that failed, as often as the command says; the last attempt is the outcome. */
export function retry(call: Call, next: Next): Promise<Outcome> {
  const { retry: rule } = call.command;
  return rule ? tryAgain(call, next, rule) : next(call);
}

async function tryAgain(call: Call, next: Next, rule: Retry): Promise<Outcome> {
  let outcome = await next(call);
  for (let attempt = 2; attempt <= rule.attempts && mayGoBetter(outcome, rule); attempt++) {
    const delay = delayBefore(attempt, rule);
    notify(call, `attempt ${attempt - 1} of ${rule.attempts} ${said(outcome)}; the next in ${delay / 1000} s`);
    call.watch.doing("waiting for the next attempt");
    const last = outcome;
    if (!(await pause(delay, call.signal))) return cancelledAfter(last, call.command);
    call.watch.again();
    try {
      outcome = await next({ ...call, attempt });
    } catch (error) {
      // It ran, so that it was refused this time is not how it ended.
      if (!(error instanceof Refusal)) throw error;
      return call.signal.aborted ? cancelledAfter(last, call.command) : last;
    }
  }
  return outcome;
}

type Unlucky = Failed | Stopped;

function mayGoBetter(outcome: Outcome, { on }: Retry): outcome is Unlucky {
  if (outcome.kind === "timed_out") return on?.includes("timeout") ?? false;
  return outcome.kind === "failed" && (on === null || (outcome.exitCode !== null && on.includes(outcome.exitCode)));
}

function delayBefore(attempt: number, { delayMs, backoff }: Retry): number {
  return Math.min(LONGEST_DELAY_MS, Math.round(delayMs * backoff ** (attempt - 2)));
}

function said(outcome: Unlucky): string {
  return outcome.kind === "timed_out" ? "timed out" : `failed with exit code ${outcome.exitCode}`;
}

/** False when it was cancelled. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
