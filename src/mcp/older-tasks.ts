import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { unlessAborted } from "../base/abort.ts";
import type { Engine } from "../engine.ts";
import { approvalsOf } from "./approvals.ts";
import { askingOf } from "./asking.ts";
import { type TaskCall, callAsTask } from "./older-task-call.ts";
import { related, stateOf } from "./older-task.ts";
import { pageOf } from "./page.ts";
import { type Task, deskOf, isTask, taskOf } from "./task.ts";
import { toResult } from "./translate.ts";

/** The tasks of revision 2025-11-25, as one client has them: it makes each one itself, and asks for its result. */
export interface OlderTasks {
  call(call: TaskCall): Promise<CallToolResult>;
  get(id: string): Promise<Result>;
  /** Waits for the end, and meanwhile has the client's user asked what the task waits for. */
  result(id: string, context: ServerContext): Promise<Result>;
  cancel(id: string): Promise<Result>;
  list(cursor: string | undefined): Promise<Result>;
}

export function createOlderTasks(server: Server, engine: Engine): OlderTasks {
  async function result(id: string, context: ServerContext): Promise<Result> {
    const job = taskOf(engine, id);
    const over = new AbortController();
    const { signal } = context.mcpReq;
    const { clerk } = askingOf(server, about(job, context), approvalsOf(engine));
    if (clerk) deskOf(job)?.serve(clerk, AbortSignal.any([signal, over.signal]));
    try {
      const outcome = await unlessAborted(job.end, signal);
      // A cancelled request is not answered.
      if (!outcome) return {};
      const whole = toResult(outcome, job.command, server.getNegotiatedProtocolVersion());
      return { ...whole, _meta: { ...whole._meta, ...related(id) } };
    } finally {
      over.abort();
    }
  }

  async function cancel(id: string): Promise<Result> {
    const job = taskOf(engine, id);
    const hadEnded = job.hasEnded();
    const { kind } = await job.cancel();
    if (!hadEnded && kind === "cancelled") return stateOf(server, job);
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `task ${id} has ended already (${kind}) and cannot be cancelled; tasks/result gives its result`,
    );
  }

  async function list(cursor: string | undefined): Promise<Result> {
    const tasks = engine.jobs.list().filter(isTask);
    tasks.sort((one, other) => one.task.createdAt - other.task.createdAt);
    const { items, next } = pageOf(tasks, cursor);
    return { tasks: await Promise.all(items.map((job) => stateOf(server, job))), ...next };
  }

  return {
    call: (call) => callAsTask(server, engine, call),
    get: async (id) => stateOf(server, taskOf(engine, id)),
    result,
    cancel,
    list,
  };
}

/** The context with which the client is asked on behalf of a task, and told so. */
function about({ id }: Task, context: ServerContext): ServerContext {
  const send = context.mcpReq.send as Send;
  const sendAbout: Send = (request, ...more) =>
    send({ ...request, params: { ...request.params, _meta: related(id) } }, ...more);
  return { ...context, mcpReq: { ...context.mcpReq, send: sendAbout as ServerContext["mcpReq"]["send"] } };
}

type Send = (request: { readonly params?: object }, ...more: readonly unknown[]) => Promise<unknown>;
