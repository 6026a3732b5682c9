import { type CallToolResult, Server, type ServerContext, type Tool } from "@modelcontextprotocol/server";
import type { Command } from "../command/command.ts";
import type { Engine } from "../engine.ts";
import type { Fill } from "../pipeline/form.ts";
import type { Ask } from "../pipeline/question.ts";
import type { Watcher } from "../pipeline/relay.ts";
import { createPlace } from "../place.ts";
import { answer } from "../tools/answer.ts";
import { findOwnTool } from "../tools/registry.ts";
import type { OwnTool } from "../tools/tool.ts";
import { type Approvals, approvalsOf } from "./approvals.ts";
import { askingOf } from "./asking.ts";
import { serveResources } from "./catalogue-resources.ts";
import { serveCompletions } from "./completion.ts";
import { keepDefects } from "./defects.ts";
import type { AskedCall, Exchange } from "./exchange.ts";
import { listedOf, tellChanges } from "./listed.ts";
import { pageOf } from "./page.ts";
import type { Listening } from "./listening.ts";
import { type Progress, type Update, createProgress } from "./progress.ts";
import { servePrompts } from "./prompts.ts";
import { followRoots } from "./roots.ts";
import { serveSubscriptions } from "./subscriptions.ts";
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
  /** The HTTP request that a message came with. */
  exchangeOf?(request: Request | undefined): Exchange | undefined;
}

/** A protocol server for one connection over the engine. */
export function createServer(base: Engine, version: string, door: ServerDoor = {}): Server {
  const place = door.isBrief === true ? undefined : createPlace(base);
  const engine = place?.engine ?? base;
  const { name, title, instructions } = engine.catalogue();
  const server = new Server(
    { name, version, ...(title === "" ? {} : { title }) },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        prompts: { listChanged: true },
        completions: {},
      },
      ...(instructions === "" ? {} : { instructions }),
    },
  );
  keepDefects(server);
  if (place) followRoots(server, place);
  serveResources(server, engine);
  servePrompts(server, engine);
  serveCompletions(server, engine);
  server.setRequestHandler("tools/list", (request) => listTools(engine, request.params?.cursor));
  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const exchange = door.exchangeOf?.(context.http?.req);
    const progress = progressOf(context, exchange, door.heartbeatMs);
    const asking = askingOf(server, context, door.approvals ?? approvalsOf(base));
    const own = findOwnTool(params.name);
    const request: CallOfTool = {
      arguments: params.arguments ?? {},
      signal: context.mcpReq.signal,
      dryRun: context.mcpReq._meta?.["mcpfier/dryRun"] === true,
      confirm: asking.confirm,
      fill: asking.fill,
      follow: (command) => progress?.follow(command.progress) ?? NOBODY,
      called: (call) => exchange?.called(call),
    };
    const result = own ? await callOwn(engine, own, request) : await callCommand(engine, params.name, request);
    await progress?.end();
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
  readonly confirm: Ask | undefined;
  readonly fill: Fill | undefined;
  follow(command: Command): Watcher;
  called(call: AskedCall): void;
}

/** The answer as a client of a revision of the protocol knows it. */
type Answer = (revision: string | undefined) => CallToolResult;

async function callCommand(engine: Engine, tool: string, { follow, called, ...request }: CallOfTool): Promise<Answer> {
  const command = engine.find(tool);
  const outcome = await engine.call({
    tool,
    ...request,
    takesHandoff: true,
    begun: (id, caller) => called({ id, caller, outcome: null }),
    ...(command ? follow(command) : {}),
  });
  called({ id: outcome.callId, outcome: outcome.kind });
  return (revision) => toResult(outcome, command, revision);
}

async function callOwn(engine: Engine, tool: OwnTool, { arguments: args, dryRun, ...io }: CallOfTool): Promise<Answer> {
  const reply = await answer(engine, tool, { arguments: args, dryRun, io });
  if (reply.kind === "reply") return () => toReplyResult(reply);
  return (revision) =>
    reply.kind === "call" ? toResult(reply.outcome, reply.command, revision) : toResult(reply, undefined, revision);
}

function listTools(engine: Engine, cursor: string | undefined): { tools: Tool[]; nextCursor?: string } {
  const { items, next } = pageOf(listedOf(engine.catalogue(), engine.jobs), cursor);
  return { tools: items.map((one) => one()), ...next };
}

function progressOf(
  { mcpReq }: ServerContext,
  exchange: Exchange | undefined,
  heartbeatMs: number | undefined,
): Progress | undefined {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  // A client has forgotten the token of a request that it cancelled.
  const send = async (update: Update): Promise<void> => {
    if (mcpReq.signal.aborted) return;
    await mcpReq.notify({ method: "notifications/progress", params: { progressToken, ...update } });
    // The library's own transport for HTTP takes everything at once, whether the client reads or not.
    await exchange?.drained();
  };
  return createProgress(send, heartbeatMs);
}

const ignore = (): void => undefined;
const NOBODY: Watcher = { stdout: ignore, stderr: ignore, doing: ignore, reading: ignore, again: ignore };
