import type { RefusalCode } from "../base/refusal.ts";
import type { Values } from "../command/arguments.ts";
import type { Command } from "../command/command.ts";
import type { LimitName } from "../executors/ability.ts";
import type { Answered, PlanContext } from "../executors/executor.ts";
import type { Plan } from "../executors/plan.ts";
import type { RecordTold } from "../stores/recording.ts";
import type { Records } from "../stores/records.ts";
import type { Capture } from "./capture.ts";
import type { Fill } from "./form.ts";
import type { Ask } from "./question.ts";
import type { Watch } from "./relay.ts";
import type { Shown } from "./shown.ts";

/** A call on its way. Each step passes a changed copy on. */
export interface Call {
  readonly command: Command;
  /** Whom it is for: callers take turns, and share no cached result. */
  readonly caller: string;
  /** All commands of the same catalogue, by name. */
  readonly commands: ReadonlyMap<string, Command>;
  /** Which of them have run because this call needs them; shared with the calls of these. */
  readonly met: Set<string>;
  /** Secrets beside those of the plan, of which an executor told while it ran; shared with the attempts and calls after it. */
  readonly learnt: Set<string>;
  readonly context: PlanContext;
  /** As the caller gave them. */
  readonly given: unknown;
  /** Checked, defaults filled in; empty until `validate`. */
  readonly values: Values;
  /** Has somebody confirm it; null: nobody can be asked. */
  readonly ask: Ask | null;
  /** Has somebody give what the caller did not; null: nobody can be asked. */
  readonly fill: Fill | null;
  /** The hashes of the plans that were confirmed, by the name of their command. */
  readonly approved: ReadonlyMap<string, string>;
  /** What will be done; null until `plan`. */
  readonly plan: Plan | null;
  /** An earlier result is no answer. */
  readonly fresh: boolean;
  /** The plan is the answer, and nothing is started. */
  readonly dryRun: boolean;
  /** How often it was tried, this time included. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly watch: Watch;
  /** Where the whole output goes; null: nowhere. */
  readonly records: Records | null;
}

/** What nothing that is written or sent of a call may show. */
export function secretsOf({ plan, learnt }: Call): readonly string[] {
  return [...(plan?.secrets ?? []), ...learnt];
}

/**
 * How a call ended: exactly one of these, told by `kind`. Two are answers without an end: `planned` of a dry run, and
 * `handed_off` of a call that goes on as a job.
 */
export type Outcome = Completed | Failed | Stopped | Limited | Unknown | Refused | Planned | HandedOff;

/** The outcomes of a program that was started. */
export type Ran = Completed | Failed | Stopped | Limited | Unknown;

interface Told {
  readonly callId: string;
  readonly tool: string;
  /** Wall time from the request to the outcome, in milliseconds. */
  readonly durationMs: number;
  /** The command that the call needs and that ended so; absent: it is the call's own outcome. */
  readonly need?: string;
}

interface Started extends Told {
  readonly executor: string;
  /** As a shell tells it: 128 + the number of a signal; null when the program never started, or its end was not seen. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What the exit code means, in the catalogue's words; may be empty. */
  readonly meaning: string;
  /** A limit that it ran into, whether that ended it or not. */
  readonly limit: LimitName | null;
  readonly stdout: Capture;
  readonly stderr: Capture;
  /** Whether a grandchild still held a pipe at the end, so that output may be missing. */
  readonly incomplete: boolean;
  /** Whether a process that detached itself may still run, because nothing on this host, or in its `isolation`, holds such. */
  readonly loose: boolean;
  /** What holds the whole output; null when nothing was recorded. */
  readonly record: RecordTold | null;
  /** How often it was tried, this time included. */
  readonly attempt: number;
  /** Whether it is the result of an earlier call. */
  readonly cached: boolean;
  readonly shown: Shown;
  /** What a service answered; absent: no service was asked. */
  readonly answer?: Answered;
}

export interface Completed extends Started {
  readonly kind: "completed";
}

export interface Failed extends Started {
  readonly kind: "failed";
}

export interface Stopped extends Started {
  readonly kind: "timed_out" | "cancelled";
  /** Whether it was stopped because it printed nothing. */
  readonly idle: boolean;
}

/** A limit ended it. */
export interface Limited extends Started {
  readonly kind: "limited";
}

/** We lost sight of it, and cannot say whether it ended. */
export interface Unknown extends Started {
  readonly kind: "unknown";
  /** Why, as a sentence without its full stop. */
  readonly why: string;
  /** Resolves when it has ended after all; until then it counts as running. */
  readonly remains: Promise<void>;
}

/** It runs longer than its caller waits; the call's id is the handle of the job. */
export interface HandedOff extends Told {
  readonly kind: "handed_off";
  /** The output so far. */
  readonly stdout: Capture;
  readonly stderr: Capture;
  readonly shown: Shown;
}

export interface Refused extends Told {
  readonly kind: "refused";
  readonly code: RefusalCode;
  /** A line for every problem. */
  readonly problems: readonly string[];
}

export interface Planned extends Told {
  readonly kind: "planned";
  readonly command: Command;
  readonly plan: Plan;
  /** The commands that would run before it, in their order. */
  readonly needs: readonly string[];
  /** The parameters that somebody would be asked for first. */
  readonly ask: readonly string[];
  /** What somebody would be asked to confirm; null: nobody is. */
  readonly confirm: string | null;
}

export type Next = (call: Call) => Promise<Outcome>;
export type Middleware = (call: Call, next: Next) => Promise<Outcome>;

/** The steps as one function, the first outermost. */
export function compose(steps: readonly Middleware[], last: Next): Next {
  return steps.reduceRight<Next>((next, step) => (call) => step(call, next), last);
}
