import { type Files, diskFiles } from "./base/files.ts";
import type { Host } from "./base/host.ts";
import { createListeners } from "./base/listeners.ts";
import type { RefusalCode } from "./base/refusal.ts";
import { createBounds } from "./bounds.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Command } from "./command/command.ts";
import { createExecutors } from "./executors/registry.ts";
import { type Jobs, createJobs } from "./jobs.ts";
import { commandsOf, createNames } from "./names.ts";
import type { Outcome } from "./pipeline/call.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import { createSlots } from "./pipeline/slots.ts";
import { createTold } from "./pipeline/told.ts";
import { type CallRequest, begin, handoffOf, peopleOf, wantedBy, watcherOf } from "./request.ts";
import { createRunner } from "./runner.ts";
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
      run: (signal, watch, wait) => runner.run({ ...wanted, command, signal, watch, ...peopleOf(request, wait) }),
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

function recordsIn(
  { records: folder, files = diskFiles }: EngineOptions,
  bounds: RecordsOptions["bounds"],
): Records | null {
  return folder === undefined ? null : createRecords({ folder, bounds, files });
}

function refused(callId: string, tool: string, code: RefusalCode, problem: string): Outcome {
  return { kind: "refused", callId, tool, durationMs: 0, code, problems: [problem] };
}
