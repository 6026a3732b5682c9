import { ProtocolError, ProtocolErrorCode, Server, type ServerContext, type Tool } from "@modelcontextprotocol/server";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Engine } from "../engine.ts";
import { createProgress } from "./progress.ts";
import { toResult, toTool } from "./translate.ts";

/** Tools in one answer of `tools/list`; clients follow `nextCursor`. A message of over 10 MB ends a connection. */
const PAGE = 1000;

/** A protocol server for one connection over the engine. */
export function createServer(engine: Engine, version: string): Server {
  const { name, title, instructions } = engine.catalogue();
  const server = new Server(
    { name, version, ...(title === "" ? {} : { title }) },
    { capabilities: { tools: { listChanged: true } }, ...(instructions === "" ? {} : { instructions }) },
  );
  server.setRequestHandler("tools/list", (request) => listTools(engine.catalogue(), request.params?.cursor));
  server.setRequestHandler("tools/call", async (request, context) => {
    const { name: tool, arguments: args } = request.params;
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
    return toResult(outcome, command, server.getNegotiatedProtocolVersion());
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
  return next < catalogue.commands.length ? { tools, nextCursor: String(next) } : { tools };
}

function progressOf({ mcpReq }: ServerContext): ReturnType<typeof createProgress> | undefined {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return createProgress((progress, message) =>
    mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, message } }),
  );
}
