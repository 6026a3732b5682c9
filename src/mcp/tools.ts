import type { CallToolResult, Server, Tool } from "@modelcontextprotocol/server";
import type { Command } from "../command/command.ts";
import type { Engine } from "../engine.ts";
import type { Fill } from "../pipeline/form.ts";
import type { Ask } from "../pipeline/question.ts";
import type { Watcher } from "../pipeline/relay.ts";
import type { TaskTerms } from "../request.ts";
import { answer } from "../tools/answer.ts";
import { findOwnTool } from "../tools/registry.ts";
import type { OwnTool } from "../tools/tool.ts";
import type { Approvals } from "./approvals.ts";
import { askingOf } from "./asking.ts";
import type { AskedCall, Exchange } from "./exchange.ts";
import type { FollowRequest } from "./following.ts";
import { isOwn, listedOf } from "./listed.ts";
import type { WantsLog } from "./logging.ts";
import { PAGE, pageOf } from "./page.ts";
import type { Ready } from "./ready.ts";
import { type Tasks, serveTasks } from "./tasks.ts";
import { toOwnTool, toReplyResult, toResult, toTool } from "./translate.ts";

export interface ToolsOptions {
  /** Of progress; default: 5 s. */
  readonly heartbeatMs: number | undefined;
  readonly approvals: Approvals;
  readonly wantsLog: WantsLog;
  readonly follow: FollowRequest;
  readonly ready: Ready | undefined;
  /** The HTTP request that a message came with. */
  exchangeOf(request: Request | undefined): Exchange | undefined;
}

/** Lists the tools and calls them, at once or as tasks, and tells of a call what its client wants to know meanwhile. */
export function serveTools(server: Server, engine: Engine, options: ToolsOptions): void {
  const { heartbeatMs, approvals, wantsLog, follow, ready, exchangeOf } = options;
  const tasks = serveTasks(server, engine, { heartbeatMs, wantsLog });
  server.setRequestHandler("tools/list", ({ params }) => {
    const { items, next } = pageOf(listedOf(engine), params?.cursor);
    const revision = server.getNegotiatedProtocolVersion();
    const make = (): Tool[] =>
      items.map((item) => (isOwn(item) ? toOwnTool(item) : tasks.declared(toTool(item, revision))));
    // Which of our own tools there are, the catalogue alone does not tell; a page that is not full takes no time.
    if (!ready || items.length < PAGE || items.some(isOwn)) return { tools: make(), ...next };
    const name = `${params?.cursor ?? "0"}-${revision ?? "newest"}`;
    return { tools: ready.tools({ catalogue: engine.catalogue(), name, make }), ...next };
  });
  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const exchange = exchangeOf(context.http?.req);
    const task = tasks.call(params, context, exchange);
    if (task) return task;
    const following = follow(context);
    const asking = askingOf(server, context, approvals);
    const own = findOwnTool(params.name);
    const request: CallOfTool = {
      arguments: params.arguments ?? {},
      signal: context.mcpReq.signal,
      dryRun: context.mcpReq._meta?.["mcpfier/dryRun"] === true,
      ...asking.clerk,
      task: tasks.termsFor(context),
      follow: following.follow,
      called: (call) => exchange?.called(call),
    };
    const result = own ? await callOwn(engine, own, request) : await callCommand(engine, params.name, request, tasks);
    const ending = following.end();
    if (ending) await ending;
    return asking.question() ?? result(server.getNegotiatedProtocolVersion());
  });
}

interface CallOfTool {
  readonly arguments: unknown;
  readonly signal: AbortSignal;
  readonly dryRun: boolean;
  readonly confirm?: Ask;
  readonly fill?: Fill;
  readonly task: TaskTerms | undefined;
  follow(command: Command, callId: () => string): Watcher;
  called(call: AskedCall): void;
}

/** The answer as a client of a revision of the protocol knows it. */
type Answer = (revision: string | undefined) => CallToolResult;

function callCommand(
  engine: Engine,
  tool: string,
  { follow, called, ...request }: CallOfTool,
  tasks: Tasks,
): Promise<Answer> {
  const command = engine.find(tool);
  let callId = "";
  const ending = engine.call({
    tool,
    ...request,
    takesHandoff: true,
    begun: (id, caller) => {
      callId = id;
      called({ id, caller, outcome: null });
    },
    ...(command ? follow(command, () => callId) : {}),
  });
  return ending.then((outcome) => {
    called({ id: outcome.callId, outcome: outcome.kind });
    return (revision) => tasks.created(outcome) ?? toResult(outcome, command, revision);
  });
}

async function callOwn(engine: Engine, tool: OwnTool, { arguments: args, dryRun, ...io }: CallOfTool): Promise<Answer> {
  const reply = await answer(engine, tool, { arguments: args, dryRun, io });
  if (reply.kind === "reply") return () => toReplyResult(reply);
  return (revision) =>
    reply.kind === "call" ? toResult(reply.outcome, reply.command, revision) : toResult(reply, undefined, revision);
}
