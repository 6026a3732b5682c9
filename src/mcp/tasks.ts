import {
  type CallToolRequestParams,
  type CallToolResult,
  type JSONRPCMessage,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  type Server,
  type ServerCapabilities,
  type ServerContext,
  type StandardSchemaV1,
  type Tool,
} from "@modelcontextprotocol/server";
import type { Engine } from "../engine.ts";
import type { TaskTerms } from "../request.ts";
import type { Outcome } from "../pipeline/call.ts";
import { findOwnTool } from "../tools/registry.ts";
import type { Exchange } from "./exchange.ts";
import { TASKS_EXTENSION, createExtensionTasks, requireExtension } from "./extension-tasks.ts";
import type { WantsLog } from "./logging.ts";
import { createOlderTasks } from "./older-tasks.ts";
import { INPUT_REQUIRED_SINCE, TASKS_SINCE } from "./revision.ts";
import { TASK_PARAMS, type TaskParams, isTask } from "./task.ts";

/** Long work as tasks, by the rules of the revision that the client has. A task is a job, and its id that of the call. */
export interface Tasks {
  /** The tool of a command as this client lists it. */
  declared(tool: Tool): Tool;
  /** The answer of a call that its client wants to be a task; undefined: it does not, or there is no such command. */
  call(
    params: CallToolRequestParams,
    context: ServerContext,
    exchange: Exchange | undefined,
  ): Promise<CallToolResult> | undefined;
  /** How any other call may become one; undefined: not at all. */
  termsFor(context: ServerContext): TaskTerms | undefined;
  /** The answer of one that did. */
  created(outcome: Outcome): CallToolResult | undefined;
}

export interface TasksOptions {
  /** Of progress; default: 5 s. */
  readonly heartbeatMs: number | undefined;
  readonly wantsLog: WantsLog;
}

export function serveTasks(server: Server, engine: Engine, { heartbeatMs, wantsLog }: TasksOptions): Tasks {
  const older = createOlderTasks(server, engine);
  const extension = createExtensionTasks(server, engine);
  declareTasks(server);
  sendBare(server);

  /** By the rules of the client's era; what this has no rules for does not exist there. */
  function handle(method: string, by: Partial<Record<Era, Handler>>): void {
    server.setRequestHandler(method, TASK_PARAMS, ({ taskId }, context) => {
      const era = eraOf(server);
      const handler = era && by[era];
      if (!handler) throw notFound(`${method} is not known to the revision of this session`);
      if (era === "extension") requireExtension(context);
      return handler(taskId, context);
    });
  }

  handle("tasks/get", { older: older.get, extension: extension.get });
  handle("tasks/result", { older: older.result });
  handle("tasks/cancel", { older: older.cancel, extension: extension.cancel });
  handle("tasks/update", { extension: extension.update });
  server.setRequestHandler("tasks/list", LIST_PARAMS, ({ cursor }) => {
    if (eraOf(server) !== "older") throw notFound("tasks/list is not known to the revision of this session");
    return older.list(cursor);
  });

  return {
    declared: (tool) => (eraOf(server) === "older" ? { ...tool, execution: { taskSupport: "optional" } } : tool),
    call: (params, context, exchange) => {
      if (!params.task || eraOf(server) !== "older") return undefined;
      if (findOwnTool(params.name)) throw notFound(`${params.name} is no task; call it without \`task\``);
      return engine.find(params.name)
        ? older.call({ params, context, exchange, heartbeatMs, wantsLog: wantsLog(context) })
        : undefined;
    },
    termsFor: (context) => (eraOf(server) === "extension" ? extension.termsFor(context) : undefined),
    created: ({ kind, callId }) => {
      const job = kind === "handed_off" ? engine.jobs.find(callId) : undefined;
      return job && isTask(job) ? extension.created(job) : undefined;
    },
  };
}

type Handler = (id: TaskParams["taskId"], context: ServerContext) => Promise<Result>;

type Era = "older" | "extension";

/** Undefined: a revision without tasks. */
function eraOf(server: Server): Era | undefined {
  const revision = server.getNegotiatedProtocolVersion();
  if (revision === undefined || revision < TASKS_SINCE) return undefined;
  return revision < INPUT_REQUIRED_SINCE ? "older" : "extension";
}

const CAPABILITIES: Record<Era, ServerCapabilities> = {
  older: { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } },
  extension: { extensions: { [TASKS_EXTENSION]: {} } },
};

/** The capabilities are asked for when the revision is settled. */
function declareTasks(server: Server): void {
  const capabilities = server.getCapabilities.bind(server);
  server.getCapabilities = () => {
    const era = eraOf(server);
    return { ...capabilities(), ...(era && CAPABILITIES[era]) };
  };
}

/** The library takes no result of a tool without content, and a task that was made has none. */
function sendBare(server: Server): void {
  const connect = server.connect.bind(server);
  server.connect = (transport) => {
    const send = transport.send.bind(transport);
    transport.send = (message, options) => send(bare(message), options);
    return connect(transport);
  };
}

function bare(message: JSONRPCMessage): JSONRPCMessage {
  if (!("result" in message) || !("task" in message.result || message.result["resultType"] === "task")) return message;
  const { content: _, ...result } = message.result;
  return { ...message, result };
}

function notFound(text: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.MethodNotFound, text);
}

const LIST_PARAMS: { readonly params: StandardSchemaV1<unknown, { readonly cursor: string | undefined }> } = {
  params: {
    "~standard": {
      version: 1,
      vendor: "mcpfier",
      validate: (value) => {
        const { cursor } = value as { readonly cursor?: unknown };
        return cursor === undefined || typeof cursor === "string"
          ? { value: { cursor } }
          : { issues: [{ message: "cursor: expected the nextCursor of the page before, a text" }] };
      },
    },
  },
};
