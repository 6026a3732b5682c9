import {
  CLIENT_CAPABILITIES_META_KEY,
  type CallToolResult,
  type ClientCapabilities,
  MissingRequiredClientCapabilityError,
  type Result,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Engine } from "../engine.ts";
import type { TaskTerms } from "../request.ts";
import { type Task, createFace, newborn, pollAfter, resultOf, seen, taskOf } from "./task.ts";

export const TASKS_EXTENSION = "io.modelcontextprotocol/tasks";

/** The tasks of the extension to revision 2026-07-28: the server makes a task of what lasts, and tells its result with its state. */
export interface ExtensionTasks {
  /** Undefined: this client takes no task for an answer. */
  termsFor(context: ServerContext): TaskTerms | undefined;
  created(job: Task): CallToolResult;
  get(id: string): Promise<Result>;
  /** Takes answers. What a call asks is asked before there is a task, so that none is waited for. */
  update(id: string): Promise<Result>;
  cancel(id: string): Promise<Result>;
}

/** What is done sooner is answered at once, and what lasts longer goes on whether the client stays connected or not. */
const AFTER_MS = 500;

export function createExtensionTasks(server: Server, engine: Engine): ExtensionTasks {
  async function get(id: string): Promise<Result> {
    const job = taskOf(engine, id);
    const result = await resultOf(job, server);
    const { ttlMs } = job.task;
    if (!result)
      return { ...seen(job, { status: "working", statusMessage: job.doing() }), ttlMs, pollIntervalMs: pollAfter(job) };
    if ((await job.end).kind === "cancelled") return { ...seen(job, { status: "cancelled" }), ttlMs };
    return { ...seen(job, { status: "completed" }), ttlMs, result };
  }

  return {
    termsFor: (context) => (declares(context) ? { afterMs: AFTER_MS } : undefined),
    created: (job) => {
      createFace(ignore).wear(job);
      const { ttlMs } = job.task;
      return { content: [], resultType: "task", ...newborn(job), ttlMs, pollIntervalMs: pollAfter(job) };
    },
    get,
    update: async (id) => {
      taskOf(engine, id);
      return {};
    },
    cancel: async (id) => {
      await taskOf(engine, id).cancel();
      return {};
    },
  };
}

/** What is only for clients that declared the extension is refused to others. */
export function requireExtension(context: ServerContext): void {
  if (declares(context)) return;
  throw new MissingRequiredClientCapabilityError(
    { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } },
    `expected a client that declares the extension ${TASKS_EXTENSION}, under extensions in its capabilities`,
  );
}

function declares({ mcpReq }: ServerContext): boolean {
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
  const able = envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
  return able?.extensions?.[TASKS_EXTENSION] !== undefined;
}

function ignore(): void {
  // Nobody is told of its states.
}
