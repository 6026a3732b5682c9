import {
  type CallToolRequestParams,
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Engine } from "../engine.ts";
import type { Refused } from "../pipeline/call.ts";
import { approvalsOf } from "./approvals.ts";
import { askingOf } from "./asking.ts";
import type { Exchange } from "./exchange.ts";
import { followingOf } from "./following.ts";
import { createdTask, related, stateOf } from "./older-task.ts";
import { type Task, createFace, isTask } from "./task.ts";

/** A call that its client of revision 2025-11-25 wants to be a task. */
export interface TaskCall {
  readonly params: CallToolRequestParams;
  readonly context: ServerContext;
  readonly exchange: Exchange | undefined;
  readonly heartbeatMs: number | undefined;
  readonly wantsLog: boolean;
}

/** Begins it, and answers at once. Of its way the client is told as long as it is connected. */
export async function callAsTask(server: Server, engine: Engine, call: TaskCall): Promise<CallToolResult> {
  const { params, context, exchange } = call;
  let job: Task | undefined;
  const face = createFace(() => job && tellStatus(server, job));
  const outcome = await engine.call({
    tool: params.name,
    arguments: params.arguments ?? {},
    dryRun: context.mcpReq._meta?.["mcpfier/dryRun"] === true,
    ...(askingOf(server, context, approvalsOf(engine)).clerk && { confirm: face.desk.confirm, fill: face.desk.fill }),
    task: { afterMs: 0, ttlMs: params.task?.ttl },
    begun: (id, caller) => exchange?.called({ id, caller, outcome: null }),
  });
  exchange?.called({ id: outcome.callId, outcome: outcome.kind });
  const made = engine.jobs.find(outcome.callId);
  if (!made || !isTask(made)) throw notMade(outcome.kind === "refused" ? outcome.problems : []);
  job = made;
  face.wear(job);
  follow(server, job, call);
  return createdTask(job);
}

/** The server is about to end, or the tool went in this moment. */
function notMade(problems: Refused["problems"]): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InternalError, ["no task was made", ...problems].join(": "));
}

/** The token of the call is good for the whole life of the task. */
function follow(server: Server, job: Task, { context, heartbeatMs, wantsLog }: TaskCall): void {
  const following = followingOf(context, {
    heartbeatMs,
    wantsLog,
    tell: ({ method, params }) => server.notification({ method, params: { ...params, _meta: related(job.id) } }),
  });
  const detach = job.watch(following.follow(job.command, () => job.id));
  const leave = (): void => {
    detach();
    void following.end();
  };
  job.end.then(leave, leave);
}

function tellStatus(server: Server, job: Task): void {
  stateOf(server, job)
    .then((params) => server.notification({ method: "notifications/tasks/status", params }))
    .catch(ignore);
}

function ignore(): void {
  // The client has gone.
}
