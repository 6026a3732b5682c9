import type { Host } from "../base/host.ts";
import type { Values } from "../command/arguments.ts";
import type { Command } from "../command/command.ts";

/**
 * One way of running commands. `plan` is pure: the same command, arguments and context give the same plan, and nothing but
 * the plan decides what `run` does. `run` throws a `Refusal` when the program never started; it ends soon after the signal
 * aborts, and leaves nothing of the call behind.
 */
export interface Executor<Plan> {
  readonly name: string;
  plan(command: Command, values: Values, context: PlanContext): Plan;
  run(plan: Plan, io: CallIO): Promise<Ending>;
}

export interface PlanContext {
  readonly callId: string;
  readonly host: Host;
  /** The PATH of commands that set none. */
  readonly path: string;
  /** Values of the catalogue that are never shown. */
  readonly secrets: readonly string[];
}

export interface CallIO {
  /** Aborted by a cancel, or with the reason `shutdown`, which leaves the program less time to end by itself. */
  readonly signal: AbortSignal;
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** Takes bytes as they come; a promise slows the program down until it resolves. */
export type Sink = (chunk: Buffer) => void | Promise<void>;

/** How a program that was started ended; one of `exitCode` and `signal` is null. */
export interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Set when we stopped it before it ended by itself. */
  readonly stopped: "timeout" | "cancel" | null;
  /** Whether something else still held an output pipe when the program had ended, so that output may be missing. */
  readonly incomplete: boolean;
}
