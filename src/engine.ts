import { randomUUID } from "node:crypto";
import { type Files, diskFiles } from "./base/files.ts";
import type { Host } from "./base/host.ts";
import { didYouMean } from "./base/nearest.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Command } from "./command/command.ts";
import type { Sink } from "./executors/executor.ts";
import { abilityOf } from "./executors/probe.ts";
import type { Call, Outcome } from "./pipeline/call.ts";
import { pipeline } from "./pipeline/pipeline.ts";
import { type Records, createRecords } from "./stores/records.ts";
import type { Bounds } from "./stores/sweep.ts";

/** The waist: every door calls commands through it, and only through it. */
export interface Engine {
  catalogue(): Catalogue;
  find(tool: string): Command | undefined;
  /** Runs one command, or with `dryRun` only plans it. Never rejects. */
  call(request: CallRequest): Promise<Outcome>;
  /** Calls that run go on with the definition that they began with. */
  replace(catalogue: Catalogue): void;
  /** Told of each replaced catalogue; the answer stops it. */
  onReplace(listener: () => void): () => void;
  /** What calls printed; null: nothing is recorded. */
  readonly records: Records | null;
  /** Refuses new calls, stops those that run, and resolves when all are gone. */
  close(): Promise<void>;
}

export interface CallRequest {
  readonly tool: string;
  readonly arguments: unknown;
  readonly signal?: AbortSignal;
  readonly dryRun?: boolean;
  /** Told of output while the program runs, secrets redacted. */
  readonly stdout?: Sink;
  readonly stderr?: Sink;
}

export interface EngineOptions {
  /** The folder that output is recorded in; without it nothing is. */
  readonly records?: string;
  /** The file system of the records. */
  readonly files?: Files;
}

export function createEngine(first: Catalogue, host: Host, { records: folder, files }: EngineOptions = {}): Engine {
  let catalogue = first;
  const bounds = (): Bounds => catalogue.settings.records;
  const records = folder === undefined ? null : createRecords({ folder, bounds, files: files ?? diskFiles });
  let commands = byName(first);
  const removed = new Set<string>();
  const listeners = new Set<() => void>();
  const running = new Set<Promise<Outcome>>();
  const shutdown = new AbortController();

  async function call(request: CallRequest): Promise<Outcome> {
    const callId = randomUUID();
    const command = commands.get(request.tool);
    const refused = { kind: "refused", callId, tool: request.tool, durationMs: 0 } as const;
    if (shutdown.signal.aborted)
      return { ...refused, code: "server.stopping", problems: ["the server is shutting down"] };
    if (!command) return { ...refused, code: "tool.unknown", problems: [unknownTool(request.tool, commands, removed)] };
    const { path, secrets } = catalogue;
    const outcome = begin({
      command,
      context: { callId, host, path, secrets },
      given: request.arguments,
      values: new Map(),
      plan: null,
      dryRun: request.dryRun ?? false,
      signal: request.signal ? AbortSignal.any([request.signal, shutdown.signal]) : shutdown.signal,
      watch: { stdout: request.stdout ?? ignore, stderr: request.stderr ?? ignore },
      records,
    });
    running.add(outcome);
    try {
      return await outcome;
    } finally {
      running.delete(outcome);
    }
  }

  async function begin(
    wanted: Omit<Call, "context"> & { context: Omit<Call["context"], "ability"> },
  ): Promise<Outcome> {
    return pipeline({ ...wanted, context: { ...wanted.context, ability: await abilityOf(host) } });
  }

  function replace(next: Catalogue): void {
    const before = commands.keys();
    catalogue = next;
    commands = byName(next);
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
    await records?.close();
  }

  return { catalogue: () => catalogue, find: (tool) => commands.get(tool), call, replace, onReplace, records, close };
}

function byName(catalogue: Catalogue): ReadonlyMap<string, Command> {
  return new Map(catalogue.commands.map((command) => [command.name, command]));
}

function unknownTool(name: string, commands: ReadonlyMap<string, Command>, removed: ReadonlySet<string>): string {
  if (removed.has(name))
    return `"${name}" was removed from the catalogue; reconnect to see the tools that are there now`;
  return [`there is no tool "${name}"`, didYouMean(name, commands.keys())].filter((part) => part !== "").join("; ");
}

function ignore(): void {
  // Nobody watches.
}
