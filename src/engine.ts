import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import type { Host } from "./base/host.ts";
import { didYouMean } from "./base/nearest.ts";
import type { Bound, Bounds } from "./base/turnstile.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Command } from "./command/command.ts";
import { abilityOf } from "./executors/probe.ts";
import { closeExecutors } from "./executors/registry.ts";
import { type Jobs, createJobs } from "./jobs.ts";
import type { Call, Next, Outcome } from "./pipeline/call.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import type { Watcher } from "./pipeline/relay.ts";
import { refusedBy } from "./pipeline/settle.ts";
import { createSlots } from "./pipeline/slots.ts";

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
  /** The caller takes `handed_off` for an answer, and goes on with `jobs`. */
  readonly takesHandoff?: boolean;
}

export function createEngine(first: Catalogue, host: Host): Engine {
  let catalogue = first;
  let commands = byName(first);
  const removed = new Set<string>();
  const listeners = new Set<() => void>();
  const running = new Set<Promise<Outcome>>();
  const shutdown = new AbortController();
  const boundsOf = createBounds();
  const slots = createSlots(boundsOf(first));
  const pipeline = createPipeline(slots);
  const jobs = createJobs(shutdown.signal);

  async function call(request: CallRequest): Promise<Outcome> {
    const callId = randomUUID();
    const command = commands.get(request.tool);
    const refused = { kind: "refused", callId, tool: request.tool, durationMs: 0 } as const;
    if (shutdown.signal.aborted)
      return { ...refused, code: "server.stopping", problems: ["the server is shutting down"] };
    if (!command) return { ...refused, code: "tool.unknown", problems: [unknownTool(request.tool, commands, removed)] };
    const { path, secrets } = catalogue;
    const { stdout = ignore, stderr = ignore, doing = ignore } = request;
    const wanted = { ...wantedBy(request), command, commands, context: { callId, host, path, secrets } };
    return jobs.attend({
      callId,
      command,
      watcher: { stdout, stderr, doing },
      signal: request.signal,
      handoffMs: request.takesHandoff === true ? command.handoffMs : null,
      run: (signal, watch) => track({ ...wanted, signal, watch }),
    });
  }

  async function track(wanted: Wanted): Promise<Outcome> {
    const outcome = begin(wanted, host, pipeline);
    running.add(outcome);
    try {
      return await outcome;
    } finally {
      running.delete(outcome);
    }
  }

  function replace(next: Catalogue): void {
    const before = commands.keys();
    catalogue = next;
    commands = byName(next);
    slots.rebound(boundsOf(next));
    for (const name of before) removed.add(name);
    for (const name of commands.keys()) removed.delete(name);
    for (const listener of listeners) listener();
  }

  function onReplace(listener: () => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  async function close(): Promise<void> {
    shutdown.abort("shutdown");
    await Promise.all(running);
    closeExecutors();
  }

  return { catalogue: () => catalogue, find: (tool) => commands.get(tool), call, jobs, replace, onReplace, close };
}

/** A call before the host was asked what it can do. */
type Wanted = Omit<Call, "context"> & { readonly context: Omit<Call["context"], "ability"> };

async function begin(wanted: Wanted, host: Host, pipeline: Next): Promise<Outcome> {
  const { callId } = wanted.context;
  try {
    return await pipeline({ ...wanted, context: { ...wanted.context, ability: await abilityOf(host) } });
  } catch (error) {
    return refusedBy(error, { callId, tool: wanted.command.name, durationMs: 0 });
  }
}

/** What a call has of its request. */
function wantedBy(request: CallRequest): Pick<Call, "caller" | "met" | "given" | "values" | "plan" | "dryRun"> {
  return {
    caller: request.caller ?? "local",
    met: new Set(),
    given: request.arguments,
    values: new Map(),
    plan: null,
    dryRun: request.dryRun ?? false,
  };
}

function byName(catalogue: Catalogue): ReadonlyMap<string, Command> {
  return new Map(catalogue.commands.map((command) => [command.name, command]));
}

/** A program waits much of its time, so that more of them than cores keep these busy. */
const CALLS_PER_CORE = 4;

/** The bounds of one catalogue after the other. A command that is gone keeps its own: calls of it may still wait. */
function createBounds(): (catalogue: Catalogue) => Bounds {
  const known = new Map<string, Bound>();
  return ({ settings, commands }) => {
    for (const { name, concurrency, queue } of commands) known.set(name, { concurrency, queue });
    return {
      concurrency: settings.concurrency ?? CALLS_PER_CORE * availableParallelism(),
      queue: settings.queue,
      of: (name) => known.get(name) ?? { concurrency: null, queue: null },
    };
  };
}

function unknownTool(name: string, commands: ReadonlyMap<string, Command>, removed: ReadonlySet<string>): string {
  if (removed.has(name))
    return `"${name}" was removed from the catalogue; reconnect to see the tools that are there now`;
  return [`there is no tool "${name}"`, didYouMean(name, commands.keys())].filter((part) => part !== "").join("; ");
}

function ignore(): void {
  // Nobody watches.
}
