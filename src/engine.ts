import { randomUUID } from "node:crypto";
import { type Files, diskFiles } from "./base/files.ts";
import type { Host } from "./base/host.ts";
import { createListeners } from "./base/listeners.ts";
import type { RefusalCode } from "./base/refusal.ts";
import { createBounds } from "./bounds.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Command } from "./command/command.ts";
import { abilityOf } from "./executors/probe.ts";
import { createExecutors } from "./executors/registry.ts";
import { type Attended, type Jobs, createJobs, ttlOf } from "./jobs.ts";
import { commandsOf, createNames } from "./names.ts";
import type { Unhurried } from "./patience.ts";
import type { Call, Next, Outcome } from "./pipeline/call.ts";
import type { Fill } from "./pipeline/form.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import type { Ask } from "./pipeline/question.ts";
import type { Watcher } from "./pipeline/relay.ts";
import { refusedBy } from "./pipeline/settle.ts";
import { createSlots } from "./pipeline/slots.ts";
import { type Told, createTold } from "./pipeline/told.ts";
import type { HttpEvent } from "./stores/analytics/event.ts";
import { type Records, type RecordsOptions, createRecords } from "./stores/records.ts";

/** The waist: every door calls commands through it, and only through it. */
export interface Engine {
  catalogue(): Catalogue;
  find(tool: string): Command | undefined;
  /** The same catalogue with a client's folder, a real path, as its workspace; null: it cannot be used so, and the log tells why. */
  catalogueAt(root: string): Promise<Catalogue | null>;
  /** Runs one command, or with `dryRun` only plans it. Never rejects. */
  call(request: CallRequest): Promise<Outcome>;
  readonly jobs: Jobs;
  /** Calls that run or wait go on with the definition that they began with. */
  replace(catalogue: Catalogue): void;
  /** Told of each catalogue that was replaced; the answer stops it. */
  onReplace(listener: (before: Catalogue) => void): () => void;
  /** What a server does once: gets ready for calls, and removes what servers left that are dead themselves. */
  settleIn(): Promise<void>;
  /** What calls printed; null: nothing is recorded. */
  readonly records: Records | null;
  /** An HTTP request that was answered, for the analytics. */
  answered(request: Omit<HttpEvent, "session_id">): void;
  /** Refuses new calls, stops those that run, and resolves when all are gone. */
  close(): Promise<void>;
}

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

export interface EngineOptions {
  /** The folder that output is recorded in; without it nothing is. */
  readonly records?: string;
  /** The file system of the records. */
  readonly files?: Files;
  /** How long somebody has to confirm a call, or to give what it lacks. */
  readonly confirmMs?: number;
  /** Whether calls are recorded as the catalogue's `analytics` says, and where that is done; without it none is. */
  readonly analytics?: "here" | "apart";
  /** Reads the catalogue for a client's folder; without it no client's folder counts. */
  readonly catalogueAt?: Engine["catalogueAt"];
}

export function createEngine(first: Catalogue, host: Host, options: EngineOptions = {}): Engine {
  let catalogue = first;
  const records = recordsIn(options, () => catalogue.settings.records);
  const names = createNames(first);
  const listeners = createListeners<Catalogue>();
  const shutdown = new AbortController();
  const boundsOf = createBounds();
  const slots = createSlots(boundsOf(first));
  const executors = createExecutors(host);
  const told = createTold(options.analytics, host, () => catalogue.settings.analytics);
  const runner = createRunner(createPipeline(slots, executors, options.confirmMs), told);
  const jobs = createJobs(shutdown.signal);

  async function call(request: CallRequest): Promise<Outcome> {
    const callId = begin(request);
    const { tool, catalogue: own = catalogue } = request;
    const { path, secrets } = own;
    const commands = commandsOf(own);
    const command = commands.get(tool);
    if (shutdown.signal.aborted) return refused(callId, tool, "server.stopping", "the server is shutting down");
    const wanted = { ...wantedBy(request), commands, records, context: { callId, host, path, secrets } };
    if (!command)
      return told.of(refused(callId, tool, "tool.unknown", names.unknown(tool)), { ...wanted, command, secrets });
    return jobs.attend({
      callId,
      command,
      watcher: watcherOf(request),
      signal: request.signal,
      ...handoffOf(request, command),
      run: (signal, watch, unhurried) =>
        runner.run({ ...wanted, command, signal, watch, ...peopleOf(request, unhurried) }),
    });
  }

  function replace(next: Catalogue): void {
    if (shutdown.signal.aborted) return;
    const before = catalogue;
    catalogue = next;
    names.replace(next);
    slots.rebound(boundsOf(next));
    executors.replace(readyIn(next));
    listeners.tell(before);
  }

  async function close(): Promise<void> {
    shutdown.abort("shutdown");
    await runner.idle();
    await executors.close();
    await Promise.all([records?.close(), told.close()]);
  }

  return {
    catalogue: () => catalogue,
    find: (tool) => names.all().get(tool),
    catalogueAt: options.catalogueAt ?? (() => Promise.resolve(null)),
    call,
    jobs,
    records,
    answered: told.answered,
    replace,
    onReplace: listeners.add,
    settleIn: () => executors.settleIn(readyIn(catalogue)),
    close,
  };
}

/** What can be called, and is got ready for that. */
function readyIn({ commands }: Catalogue): readonly Command[] {
  return commands.filter(({ lacksWorkspace }) => !lacksWorkspace);
}

/** A call before the host was asked what it can do. */
type Wanted = Omit<Call, "context"> & { readonly context: Omit<Call["context"], "ability"> };

/** Runs calls, and knows when none runs. */
interface Runner {
  run(wanted: Wanted): Promise<Outcome>;
  idle(): Promise<void>;
}

function createRunner(pipeline: Next, told: Told): Runner {
  const running = new Set<Promise<Outcome>>();

  async function run(wanted: Wanted): Promise<Outcome> {
    const ending = runToEnd(pipeline, wanted);
    running.add(ending);
    try {
      return told.of(await ending, { ...wanted, secrets: wanted.context.secrets });
    } finally {
      running.delete(ending);
    }
  }
  return { run, idle: async () => void (await Promise.all(running)) };
}

async function runToEnd(pipeline: Next, { context, command, ...call }: Wanted): Promise<Outcome> {
  try {
    return await pipeline({ ...call, command, context: { ...context, ability: await abilityOf(context.host) } });
  } catch (error) {
    return refusedBy(error, { callId: context.callId, tool: command.name, durationMs: 0 });
  }
}

function recordsIn(
  { records: folder, files = diskFiles }: EngineOptions,
  bounds: RecordsOptions["bounds"],
): Records | null {
  return folder === undefined ? null : createRecords({ folder, bounds, files });
}

/** The caller when nothing is said. */
const LOCAL = "local";

/** Gives the call its id. */
function begin({ begun, caller = LOCAL }: CallRequest): string {
  const callId = randomUUID();
  begun?.(callId, caller);
  return callId;
}

/** What a call has of its request. */
function wantedBy(
  request: CallRequest,
): Pick<Call, "caller" | "met" | "learnt" | "given" | "values" | "approved" | "plan" | "attempt" | "dryRun" | "fresh"> {
  return {
    caller: request.caller ?? LOCAL,
    met: new Set(),
    learnt: new Set(),
    given: request.arguments,
    values: new Map(),
    approved: new Map(),
    plan: null,
    attempt: 1,
    dryRun: request.dryRun ?? false,
    fresh: request.fresh ?? false,
  };
}

/** Who asks takes their time: the caller's patience counts from the answer on. */
function peopleOf({ confirm, fill }: CallRequest, unhurried: Unhurried): Pick<Call, "ask" | "fill"> {
  return {
    ask: confirm ? (question, signal) => unhurried(confirm(question, signal)) : null,
    fill: fill ? (form, signal) => unhurried(fill(form, signal)) : null,
  };
}

function handoffOf(
  { takesHandoff = false, task }: CallRequest,
  command: Command,
): Pick<Attended, "handoffMs" | "ttlMs"> {
  if (!task) return { handoffMs: takesHandoff ? command.handoffMs : null, ttlMs: null };
  const { afterMs, ttlMs } = task;
  return { handoffMs: afterMs === 0 ? 0 : (command.handoffMs ?? afterMs), ttlMs: ttlOf(command, ttlMs) };
}

function watcherOf({
  stdout = ignore,
  stderr = ignore,
  doing = ignore,
  reading = ignore,
  again = ignore,
}: CallRequest): Watcher {
  return { stdout, stderr, doing, reading, again };
}

function refused(callId: string, tool: string, code: RefusalCode, problem: string): Outcome {
  return { kind: "refused", callId, tool, durationMs: 0, code, problems: [problem] };
}

function ignore(): void {
  // Nobody watches.
}
