import type { RefusalCode } from "../base/refusal.ts";
import type { Values } from "../command/arguments.ts";
import type { Command } from "../command/command.ts";
import type { PlanContext, Sink } from "../executors/executor.ts";
import type { LocalPlan } from "../executors/plan.ts";
import type { Capture } from "./capture.ts";
import type { Shown } from "./shown.ts";

/** A call on its way. Each step passes a changed copy on. */
export interface Call {
  readonly command: Command;
  readonly context: PlanContext;
  /** As the caller gave them. */
  readonly given: unknown;
  /** Checked, defaults filled in; empty until `validate`. */
  readonly values: Values;
  /** What will be done; null until `plan`. */
  readonly plan: LocalPlan | null;
  /** The plan is the answer, and nothing is started. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** Told of output while the program runs, secrets redacted. */
  readonly watch: { readonly stdout: Sink; readonly stderr: Sink };
}

/** How a call ended: exactly one of these, told by `kind`. `planned` is the answer of a dry run. */
export type Outcome = Completed | Failed | Stopped | Refused | Planned;

interface Told {
  readonly callId: string;
  readonly tool: string;
  /** Wall time from the request to the outcome, in milliseconds. */
  readonly durationMs: number;
}

interface Ran extends Told {
  readonly executor: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What the exit code means, in the catalogue's words; may be empty. */
  readonly meaning: string;
  readonly stdout: Capture;
  readonly stderr: Capture;
  /** Whether a grandchild still held a pipe at the end, so that output may be missing. */
  readonly incomplete: boolean;
  readonly shown: Shown;
}

export interface Completed extends Ran {
  readonly kind: "completed";
}

export interface Failed extends Ran {
  readonly kind: "failed";
}

export interface Stopped extends Ran {
  readonly kind: "timed_out" | "cancelled";
}

export interface Refused extends Told {
  readonly kind: "refused";
  readonly code: RefusalCode;
  /** A line for every problem. */
  readonly problems: readonly string[];
}

export interface Planned extends Told {
  readonly kind: "planned";
  readonly plan: LocalPlan;
}

export type Next = (call: Call) => Promise<Outcome>;
export type Middleware = (call: Call, next: Next) => Promise<Outcome>;

/** The steps as one function, the first outermost. */
export function compose(steps: readonly Middleware[], last: Next): Next {
  return steps.reduceRight<Next>((next, step) => (call) => step(call, next), last);
}
