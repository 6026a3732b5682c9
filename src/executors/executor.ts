import type { Host } from "../base/host.ts";
import type { Sink } from "../base/sink.ts";
import type { Values } from "../command/arguments.ts";
import type { Command } from "../command/command.ts";
import type { Ability, LimitName } from "./ability.ts";

/**
 * One way of running commands. `plan` is pure: the same command, arguments and context give the same plan, and nothing but
 * the plan decides what `run` does. `run` throws a `Refusal` when the program never started; it ends soon after the signal
 * aborts, and leaves nothing of the call behind.
 */
export interface Executor<Plan> {
  readonly name: string;
  plan(command: Command, values: Values, context: PlanContext): Plan;
  run(plan: Plan, io: CallIO): Promise<Ending>;
  /**
   * Gets ready for calls of these commands, and lets go of what it had ready for others. Resolves when it is as ready as it can be
   * now; never rejects.
   */
  prepare?(commands: readonly Command[]): Promise<void>;
  /** Ends what outlives its calls. */
  close?(): void | Promise<void>;
  /** Ends and removes what servers left that are dead themselves, and nothing else. */
  sweep?(commands: readonly Command[]): Promise<void>;
}

export interface PlanContext {
  readonly callId: string;
  readonly host: Host;
  /** The PATH of commands that set none. */
  readonly path: string;
  /** Values of the catalogue that are never shown. */
  readonly secrets: readonly string[];
  /** How this host can contain a local command, and which limits it can enforce. */
  readonly ability: Ability;
}

export interface CallIO {
  /** Aborted by a cancel, or with the reason `shutdown`, which leaves the program less time to end by itself. */
  readonly signal: AbortSignal;
  /** Told what it does until the program runs, in words that "for 10 s" can follow, and when it does (`running`). */
  doing(what: string): void;
  /** Told each secret that the plan does not hold, before anything that may hold it is printed. */
  learn(secret: string): void;
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** How a program that was started ended. */
export interface Ending {
  /** As a shell tells it: 128 + the number of the signal that ended the program. Null when its end was not seen. */
  readonly exitCode: number | null;
  /** The signal that ended it; null when it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  /** Why we stopped it before it ended by itself; `idle`: it printed nothing for too long. */
  readonly stopped: "timeout" | "idle" | "cancel" | null;
  /** The limit that it ran into, if that is known. */
  readonly limit: LimitName | null;
  /** Whether output may be missing, because something else still held a pipe when the program had ended. */
  readonly incomplete: boolean;
  /** Whether a process that detached itself may still run: it was stopped, or left one, where nothing holds such processes. */
  readonly loose: boolean;
  /** Why its end could not be seen, so that nobody knows whether it ended or how; null: it was seen. */
  readonly lost: string | null;
  /** Resolves when a program that may still run has gone after all, or is not to be waited for any longer; null: it has gone. */
  readonly remains: Promise<void> | null;
  /** What a service answered; absent: no service was asked. */
  readonly answer?: Answered;
}

/** Of what was lost sight of, but why. */
export const UNSEEN: Omit<Ending, "lost"> = {
  exitCode: null,
  signal: null,
  stopped: null,
  limit: null,
  incomplete: true,
  loose: false,
  remains: null,
};

/** What is told of the answer of a service, beside its body. */
export interface Answered {
  /** Null when none came. */
  readonly status: number | null;
  /** Those that matter to a caller, in lower case, without secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether what was printed says that it is JSON. */
  readonly isJson: boolean;
  /** How often the service was asked. */
  readonly tries: number;
  /** What went wrong beside the status, in a few words; may be empty. */
  readonly fault: string;
  /** The same in whole, with the host; may be empty. */
  readonly why: string;
  /** What else is to be said, as a sentence without its full stop; may be empty. */
  readonly note: string;
}
