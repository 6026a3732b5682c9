import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
  type Tool,
} from "@modelcontextprotocol/server";
import type { Command } from "../command/command.ts";
import type { Engine } from "../engine.ts";
import type { Ask } from "../pipeline/question.ts";
import type { Watcher } from "../pipeline/relay.ts";
import { answer } from "../tools/answer.ts";
import { findOwnTool } from "../tools/registry.ts";
import type { OwnTool } from "../tools/tool.ts";
import { type Approvals, approvalsOf } from "./approvals.ts";
import { askingOf } from "./asking.ts";
import { keepDefects } from "./defects.ts";
import type { AskedCall, Exchange } from "./exchange.ts";
import { isListedOtherwise, listedOf } from "./listed.ts";
import { type Progress, type Update, createProgress } from "./progress.ts";
import { serveRecords } from "./resources.ts";
import { toReplyResult, toResult } from "./translate.ts";

/** Tools in one answer of `tools/list`; clients follow `nextCursor`. A message of over 10 MB ends a connection. */
const PAGE = 1000;

/** What the door that a server stands behind knows, and its messages do not tell. */
export interface ServerDoor {
  /** It serves one request, and what changes of the catalogue is told elsewhere. */
  readonly isBrief?: boolean;
  /** Of progress; default: 5 s. */
  readonly heartbeatMs?: number;
  /** Default: those of the engine. */
  readonly approvals?: Approvals;
  /** The HTTP request that a message came with. */
  exchangeOf?(request: Request | undefined): Exchange | undefined;
}

/** A protocol server for one connection over the engine. */
export function createServer(engine: Engine, version: string, door: ServerDoor = {}): Server {
  const { name, title, instructions } = engine.catalogue();
  const server = new Server(
    { name, version, ...(title === "" ? {} : { title }) },
    {
      capabilities: { tools: { listChanged: true }, resources: {} },
      ...(instructions === "" ? {} : { instructions }),
    },
  );
  keepDefects(server);
  serveRecords(server, engine);
  server.setRequestHandler("tools/list", (request) => listTools(engine, request.params?.cursor));
  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const exchange = door.exchangeOf?.(context.http?.req);
    const progress = progressOf(context, exchange, door.heartbeatMs);
    const asking = askingOf(server, context, door.approvals ?? approvalsOf(engine));
    const own = findOwnTool(params.name);
    const request: CallOfTool = {
      arguments: params.arguments ?? {},
      signal: context.mcpReq.signal,
      dryRun: context.mcpReq._meta?.["mcpfier/dryRun"] === true,
      confirm: asking.confirm,
      follow: (command) => progress?.follow(command.progress) ?? NOBODY,
      called: (call) => exchange?.called(call),
    };
    const result = own ? await callOwn(engine, own, request) : await callCommand(engine, params.name, request);
    await progress?.end();
    return asking.question() ?? result(server.getNegotiatedProtocolVersion());
  });
  if (door.isBrief === true) return server;
  const stop = engine.onReplace((before) => {
    if (isListedOtherwise(before, engine)) server.sendToolListChanged().catch(() => undefined);
  });
  // oxlint-disable-next-line prefer-add-event-listener -- the protocol library has no other way
  server.onclose = stop;
  return server;
}

interface CallOfTool {
  readonly arguments: unknown;
  readonly signal: AbortSignal;
  readonly dryRun: boolean;
  readonly confirm: Ask | undefined;
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

/** A cursor is the place of the next tool. */
function listTools(engine: Engine, cursor: string | undefined): { tools: Tool[]; nextCursor?: string } {
  const start = cursor === undefined ? 0 : Number(cursor);
  if (!Number.isSafeInteger(start) || start < 0 || cursor === "")
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `"${cursor}" is not a cursor of this server`);
  const listed = listedOf(engine.catalogue(), engine.jobs);
  const next = start + PAGE;
  const tools = listed.slice(start, next).map((one) => one());
  return next < listed.length ? { tools, nextCursor: String(next) } : { tools };
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
