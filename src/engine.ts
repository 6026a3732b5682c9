import { randomUUID } from "node:crypto";
import { type Files, diskFiles } from "./base/files.ts";
import type { Host } from "./base/host.ts";
import { didYouMean } from "./base/nearest.ts";
import type { RefusalCode } from "./base/refusal.ts";
import { createBounds } from "./bounds.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Command } from "./command/command.ts";
import { abilityOf } from "./executors/probe.ts";
import { createExecutors } from "./executors/registry.ts";
import { type Jobs, createJobs } from "./jobs.ts";
import type { Call, Next, Outcome } from "./pipeline/call.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import type { Watcher } from "./pipeline/relay.ts";
import { refusedBy } from "./pipeline/settle.ts";
import { createSlots } from "./pipeline/slots.ts";
import { type Records, type RecordsOptions, createRecords } from "./stores/records.ts";

/** The waist: every door calls commands through it, and only through it. */
export interface Engine {
  catalogue(): Catalogue;
  find(tool: string): Command | undefined;
  /** Runs one command, or with `dryRun` only plans it. Never rejects. */
  call(request: CallRequest): Promise<Outcome>;
  readonly jobs: Jobs;
  /** Calls that run go on with the definition that they began with. */
  replace(catalogue: Catalogue): void;
  /** Told of each replaced catalogue; the answer stops it. */
  onReplace(listener: () => void): () => void;
  /** What a server does once: gets ready for calls, and removes what servers left that are dead themselves. */
  settleIn(): Promise<void>;
  /** What calls printed; null: nothing is recorded. */
  readonly records: Records | null;
  /** Refuses new calls, stops those that run, and resolves when all are gone. */
  close(): Promise<void>;
}

/** The watcher's functions are told of what happens while the call runs. */
export interface CallRequest extends Partial<Watcher> {
  readonly tool: string;
  readonly arguments: unknown;
  /** Whom it is for; callers take turns. Default: `local`. */
  readonly caller?: string;
  readonly signal?: AbortSignal;
  readonly dryRun?: boolean;
  /** An earlier result is no answer, whatever the command says. */
  readonly fresh?: boolean;
  /** The caller takes `handed_off` for an answer, and goes on with `jobs`. */
  readonly takesHandoff?: boolean;
}

export interface EngineOptions {
  /** The folder that output is recorded in; without it nothing is. */
  readonly records?: string;
  /** The file system of the records. */
  readonly files?: Files;
}

export function createEngine(first: Catalogue, host: Host, options: EngineOptions = {}): Engine {
  let catalogue = first;
  const records = recordsIn(options, () => catalogue.settings.records);
  let commands = byName(first);
  const removed = new Set<string>();
  const listeners = new Set<() => void>();
  const shutdown = new AbortController();
  const boundsOf = createBounds();
  const slots = createSlots(boundsOf(first));
  const executors = createExecutors(host);
  const runner = createRunner(createPipeline(slots, executors));
  const jobs = createJobs(shutdown.signal);

  async function call(request: CallRequest): Promise<Outcome> {
    const callId = randomUUID();
    const { tool } = request;
    const command = commands.get(tool);
    if (shutdown.signal.aborted) return refused(callId, tool, "server.stopping", "the server is shutting down");
    if (!command) return refused(callId, tool, "tool.unknown", unknownTool(tool, commands, removed));
    const { path, secrets } = catalogue;
    const wanted = { ...wantedBy(request), command, commands, records, context: { callId, host, path, secrets } };
    return jobs.attend({
      callId,
      command,
      watcher: watcherOf(request),
      signal: request.signal,
      handoffMs: request.takesHandoff === true ? command.handoffMs : null,
      run: (signal, watch) => runner.run({ ...wanted, signal, watch }),
    });
  }

  function replace(next: Catalogue): void {
    const before = commands;
    catalogue = next;
    commands = byName(next);
    noteRemoved(removed, before, commands);
    slots.rebound(boundsOf(next));
    executors.replace(next.commands);
    for (const listener of listeners) listener();
  }

  function onReplace(listener: () => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  async function close(): Promise<void> {
    shutdown.abort("shutdown");
    await runner.idle();
    await executors.close();
    await records?.close();
  }

  return {
    catalogue: () => catalogue,
    find: (tool) => commands.get(tool),
    call,
    jobs,
    records,
    replace,
    onReplace,
    settleIn: () => executors.settleIn(catalogue.commands),
    close,
  };
}

/** A call before the host was asked what it can do. */
type Wanted = Omit<Call, "context"> & { readonly context: Omit<Call["context"], "ability"> };

/** Runs calls, and knows when none runs. */
interface Runner {
  run(wanted: Wanted): Promise<Outcome>;
  idle(): Promise<void>;
}

function createRunner(pipeline: Next): Runner {
  const running = new Set<Promise<Outcome>>();

  async function run(wanted: Wanted): Promise<Outcome> {
    const outcome = begin(pipeline, wanted);
    running.add(outcome);
    try {
      return await outcome;
    } finally {
      running.delete(outcome);
    }
  }
  return { run, idle: async () => void (await Promise.all(running)) };
}

async function begin(pipeline: Next, { context, command, ...call }: Wanted): Promise<Outcome> {
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

/** What a call has of its request. */
function wantedBy(
  request: CallRequest,
): Pick<Call, "caller" | "met" | "given" | "values" | "plan" | "attempt" | "dryRun" | "fresh"> {
  return {
    caller: request.caller ?? "local",
    met: new Set(),
    given: request.arguments,
    values: new Map(),
    plan: null,
    attempt: 1,
    dryRun: request.dryRun ?? false,
    fresh: request.fresh ?? false,
  };
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

function byName(catalogue: Catalogue): ReadonlyMap<string, Command> {
  return new Map(catalogue.commands.map((command) => [command.name, command]));
}

/** Adds the names that went, and takes those out that came back. */
function noteRemoved(removed: Set<string>, before: ReadonlyMap<string, Command>, now: typeof before): void {
  for (const name of before.keys()) removed.add(name);
  for (const name of now.keys()) removed.delete(name);
}

function unknownTool(name: string, commands: ReadonlyMap<string, Command>, removed: ReadonlySet<string>): string {
  if (removed.has(name))
    return `"${name}" was removed from the catalogue; reconnect to see the tools that are there now`;
  return [`there is no tool "${name}"`, didYouMean(name, commands.keys())].filter((part) => part !== "").join("; ");
}

function ignore(): void {
  // Nobody watches.
}
