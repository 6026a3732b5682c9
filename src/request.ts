import { randomUUID } from "node:crypto";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Command } from "./command/command.ts";
import { type Attended, ttlOf } from "./jobs.ts";
import type { Unhurried } from "./patience.ts";
import type { Call } from "./pipeline/call.ts";
import type { Fill } from "./pipeline/form.ts";
import type { Ask } from "./pipeline/question.ts";
import type { Watcher } from "./pipeline/relay.ts";

/** The watcher's functions are told of what happens while the call runs. */
export interface CallRequest extends Partial<Watcher> {
  readonly tool: string;
  readonly arguments: unknown;
  /** What `catalogueAt` gave for the folder of the caller; default: the engine's own. */
  readonly catalogue?: Catalogue;
  /** Whom it is for; callers take turns. Default: `local`. */
  readonly caller?: string;
  /** Told the id of the call, and whom it is for, before anything of it is done. */
  readonly begun?: (callId: string, caller: string) => void;
  readonly signal?: AbortSignal;
  readonly dryRun?: boolean;
  /** An earlier result is no answer, whatever the command says. */
  readonly fresh?: boolean;
  /** Has somebody confirm it, where the command wants that; absent: nobody can be asked, and it is refused. */
  readonly confirm?: Ask | undefined;
  /** Has somebody give what the command asks for and the arguments lack; absent: nobody can be asked, and it is refused. */
  readonly fill?: Fill | undefined;
  /** The caller takes `handed_off` for an answer, and goes on with `jobs`. */
  readonly takesHandoff?: boolean;
  /** The same, with a task. */
  readonly task?: TaskTerms | undefined;
}

/** A call that is handed off becomes a task. */
export interface TaskTerms {
  /** When that is where the command has no `handoff`; 0: at once, whatever it has. */
  readonly afterMs: number;
  /** How long it is to live from then on; absent: as long as it may. */
  readonly ttlMs?: number | undefined;
}

/** The caller when nothing is said. */
const LOCAL = "local";

const NOTHING: ReadonlyMap<string, string> = new Map();

/** Gives the call its id. */
export function begin({ begun, caller = LOCAL }: CallRequest): string {
  const callId = randomUUID();
  begun?.(callId, caller);
  return callId;
}

/** What a call has of its request. */
export function wantedBy(
  request: CallRequest,
): Pick<Call, "caller" | "met" | "learnt" | "given" | "values" | "approved" | "plan" | "attempt" | "dryRun" | "fresh"> {
  return {
    caller: request.caller ?? LOCAL,
    met: new Set(),
    learnt: new Set(),
    given: request.arguments,
    values: NOTHING,
    approved: NOTHING,
    plan: null,
    attempt: 1,
    dryRun: request.dryRun ?? false,
    fresh: request.fresh ?? false,
  };
}

/** Who asks takes their time: the caller's patience counts from the answer on. */
export function peopleOf({ confirm, fill }: CallRequest, unhurried: Unhurried): Pick<Call, "ask" | "fill"> {
  return {
    ask: confirm ? (question, signal) => unhurried(confirm(question, signal)) : null,
    fill: fill ? (form, signal) => unhurried(fill(form, signal)) : null,
  };
}

export function handoffOf(
  { takesHandoff = false, task }: CallRequest,
  command: Command,
): Pick<Attended, "handoffMs" | "ttlMs"> {
  if (!task) return { handoffMs: takesHandoff ? command.handoffMs : null, ttlMs: null };
  const { afterMs, ttlMs } = task;
  return { handoffMs: afterMs === 0 ? 0 : (command.handoffMs ?? afterMs), ttlMs: ttlOf(command, ttlMs) };
}

export function watcherOf({
  stdout = ignore,
  stderr = ignore,
  doing = ignore,
  reading = ignore,
  again = ignore,
}: CallRequest): Watcher {
  return { stdout, stderr, doing, reading, again };
}

function ignore(): void {
  // Nobody watches.
}
