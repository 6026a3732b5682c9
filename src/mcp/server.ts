import { type CallToolResult, Server } from "@modelcontextprotocol/server";
import type { Command } from "../command/command.ts";
import type { Engine, TaskTerms } from "../engine.ts";
import type { Fill } from "../pipeline/form.ts";
import type { Ask } from "../pipeline/question.ts";
import type { Watcher } from "../pipeline/relay.ts";
import { createPlace } from "../place.ts";
import { answer } from "../tools/answer.ts";
import { findOwnTool } from "../tools/registry.ts";
import type { OwnTool } from "../tools/tool.ts";
import { type Approvals, approvalsOf, refuseForeign } from "./approvals.ts";
import { askingOf } from "./asking.ts";
import { CACHE_HINTS } from "./cache-hints.ts";
import { serveResources } from "./catalogue-resources.ts";
import { serveCompletions } from "./completion.ts";
import { keepDefects } from "./defects.ts";
import type { AskedCall, Exchange } from "./exchange.ts";
import { followingOf } from "./following.ts";
import { showOwnIcons } from "./icons.ts";
import { listedOf, tellChanges } from "./listed.ts";
import { serveLogging } from "./logging.ts";
import { pageOf } from "./page.ts";
import type { Listening } from "./listening.ts";
import { servePrompts } from "./prompts.ts";
import { followRoots } from "./roots.ts";
import { serveSubscriptions } from "./subscriptions.ts";
import { type Tasks, serveTasks } from "./tasks.ts";
import { toReplyResult, toResult } from "./translate.ts";

/** What the door that a server stands behind knows, and its messages do not tell. */
export interface ServerDoor {
  /** Of progress; default: 5 s. */
  readonly heartbeatMs?: number;
  /** What users of the newer era have approved; default: those of the engine. */
  readonly approvals?: Approvals;
  /** Where the client listens without the server seeing it. */
  readonly listening?: Listening;
  /** It serves one request, and what changes is told elsewhere. */
  readonly isBrief?: boolean;
  /** Resolves when the client has read what it was sent; default: each answer goes its own way. */
  drained?(): Promise<void>;
  /** The HTTP request that a message came with. */
  exchangeOf?(request: Request | undefined): Exchange | undefined;
}

/** A protocol server for one connection over the engine. */
export function createServer(base: Engine, version: string, door: ServerDoor = {}): Server {
  const place = door.isBrief === true ? undefined : createPlace(base);
  const engine = place?.engine ?? base;
  const approvals = door.approvals ?? approvalsOf(base);
  const { name, title, instructions, icons } = engine.catalogue();
  const server = new Server(
    { name, version, ...(title === "" ? {} : { title }) },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        prompts: { listChanged: true },
        completions: {},
        logging: {},
      },
      cacheHints: CACHE_HINTS,
      ...(instructions === "" ? {} : { instructions }),
      requestState: { verify: refuseForeign(approvals) },
    },
  );
  showOwnIcons(server, icons);
  keepDefects(server);
  if (place) followRoots(server, place);
  serveResources(server, engine, door.drained);
  servePrompts(server, engine);
  serveCompletions(server, engine);
  const tasks = serveTasks(server, engine, door.heartbeatMs);
  const wantsLog = serveLogging(server);
  server.setRequestHandler("tools/list", ({ params }) => {
    const { items, next } = pageOf(listedOf(engine), params?.cursor);
    const revision = server.getNegotiatedProtocolVersion();
    return { tools: items.map((toolFor) => tasks.declared(toolFor(revision))), ...next };
  });
  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const exchange = door.exchangeOf?.(context.http?.req);
    const task = tasks.call(params, context, exchange);
    if (task) return task;
    const { heartbeatMs } = door;
    const following = followingOf(context, { exchange, heartbeatMs, wantsLog: wantsLog(context) });
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
    await following.end();
    return asking.question() ?? result(server.getNegotiatedProtocolVersion());
  });
  if (!place) return server;
  const stops = [
    place.close,
    engine.onReplace((before) => tellChanges(server, before, engine)),
    serveSubscriptions(server, engine, door.listening),
  ];
  // oxlint-disable-next-line prefer-add-event-listener -- the protocol library has no other way
  server.onclose = () => stops.forEach((stop) => stop());
  return server;
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

async function callCommand(
  engine: Engine,
  tool: string,
  { follow, called, ...request }: CallOfTool,
  tasks: Tasks,
): Promise<Answer> {
  const command = engine.find(tool);
  let callId = "";
  const outcome = await engine.call({
    tool,
    ...request,
    takesHandoff: true,
    begun: (id, caller) => {
      callId = id;
      called({ id, caller, outcome: null });
    },
    ...(command ? follow(command, () => callId) : {}),
  });
  called({ id: outcome.callId, outcome: outcome.kind });
  return (revision) => tasks.created(outcome) ?? toResult(outcome, command, revision);
}

async function callOwn(engine: Engine, tool: OwnTool, { arguments: args, dryRun, ...io }: CallOfTool): Promise<Answer> {
  const reply = await answer(engine, tool, { arguments: args, dryRun, io });
  if (reply.kind === "reply") return () => toReplyResult(reply);
  return (revision) =>
    reply.kind === "call" ? toResult(reply.outcome, reply.command, revision) : toResult(reply, undefined, revision);
}
