import { LOG_LEVEL_META_KEY, type LoggingLevel, type Server, type ServerContext } from "@modelcontextprotocol/server";

/** Whether the client of a request asks for what commands print on stderr. */
export type WantsLog = (context: ServerContext) => boolean;

/** What commands print on stderr is told at `info`: whether a line of it is a warning nobody knows. */
export const LOG_LEVEL: LoggingLevel = "info";
const TAKING: readonly unknown[] = ["debug", LOG_LEVEL] satisfies readonly LoggingLevel[];

/**
 * Takes `logging/setLevel`, which counts for the session; since 2026-07-28 each request asks for itself. Who asks for nothing is
 * told nothing, where the protocol's library would tell everything.
 */
export function serveLogging(server: Server): WantsLog {
  let level: LoggingLevel | undefined;
  server.setRequestHandler("logging/setLevel", ({ params }) => {
    level = params.level;
    return {};
  });
  return ({ mcpReq }) => {
    const envelope: Readonly<Record<string, unknown>> | undefined = mcpReq.envelope;
    return TAKING.includes(envelope ? envelope[LOG_LEVEL_META_KEY] : level);
  };
}
