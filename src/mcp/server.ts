import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
  type Tool,
} from "@modelcontextprotocol/server";
import { Refusal } from "../base/refusal.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Engine } from "../engine.ts";
import { ownTools } from "../tools/registry.ts";
import type { OwnTool } from "../tools/tool.ts";
import { createProgress } from "./progress.ts";
import { linksOf, serveRecords } from "./resources.ts";
import { toOwnTool, toRefusal, toResult, toTool } from "./translate.ts";

/** Tools in one answer of `tools/list`; clients follow `nextCursor`. A message of over 10 MB ends a connection. */
const PAGE = 1000;

/** A protocol server for one connection over the engine. */
export function createServer(engine: Engine, version: string): Server {
  const { name, title, instructions } = engine.catalogue();
  const server = new Server(
    { name, version, ...(title === "" ? {} : { title }) },
    {
      capabilities: { tools: { listChanged: true }, resources: {} },
      ...(instructions === "" ? {} : { instructions }),
    },
  );
  serveRecords(server, engine);
  server.setRequestHandler("tools/list", (request) => listTools(engine.catalogue(), request.params?.cursor));
  server.setRequestHandler("tools/call", async (request, context) => {
    const { name: tool, arguments: args } = request.params;
    const own = ownTools.find((each) => each.name === tool && each.isWanted(engine.catalogue()));
    if (own) return callOwn(own, engine, args ?? {}, context.mcpReq.signal);
    const command = engine.find(tool);
    const progress = progressOf(context);
    const outcome = await engine.call({
      tool,
      arguments: args ?? {},
      signal: context.mcpReq.signal,
      dryRun: context.mcpReq._meta?.["mcpfier/dryRun"] === true,
      ...(progress ? { stdout: progress.stream(), stderr: progress.stream() } : {}),
    });
    await progress?.end();
    return toResult(outcome, command, linksOf(outcome, server));
  });
  const stop = engine.onReplace(() => void server.sendToolListChanged().catch(() => undefined));
  // oxlint-disable-next-line prefer-add-event-listener -- the protocol library has no other way
  server.onclose = stop;
  return server;
}

/** In the order of the file. A cursor is the place of the next tool. */
function listTools(catalogue: Catalogue, cursor: string | undefined): { tools: Tool[]; nextCursor?: string } {
  const start = cursor === undefined ? 0 : Number(cursor);
  if (!Number.isSafeInteger(start) || start < 0 || cursor === "")
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `"${cursor}" is not a cursor of this server`);
  const tools = catalogue.commands.slice(start, start + PAGE).map(toTool);
  const next = start + PAGE;
  if (next < catalogue.commands.length) return { tools, nextCursor: String(next) };
  return { tools: [...tools, ...ownTools.filter((own) => own.isWanted(catalogue)).map(toOwnTool)] };
}

async function callOwn(own: OwnTool, engine: Engine, args: object, signal: AbortSignal): Promise<CallToolResult> {
  const { validatorOf } = await import("../command/validator.ts");
  const values = structuredClone(args) as Record<string, unknown>;
  const problems = validatorOf(own.inputSchema)(values).map(({ path, text }) => `${path.join(".")}: ${text}`);
  if (problems.length > 0) return toRefusal("arguments.invalid", problems);
  try {
    const reply = await own.call(engine, values, { signal, stdout: ignore, stderr: ignore });
    return reply.kind === "reply"
      ? { content: [{ type: "text", text: reply.text }] }
      : toResult(reply, engine.find(reply.tool), []);
  } catch (error) {
    if (error instanceof Refusal) return toRefusal(error.code, error.problems);
    throw error;
  }
}

function ignore(): void {
  // No tool of ours tells of output yet.
}

function progressOf({ mcpReq }: ServerContext): ReturnType<typeof createProgress> | undefined {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return createProgress((progress, message) =>
    mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, message } }),
  );
}
