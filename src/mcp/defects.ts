import { randomUUID } from "node:crypto";
import { ProtocolError, ProtocolErrorCode, type Server, type ServerContext } from "@modelcontextprotocol/server";
import { log } from "../base/log.ts";

type Handler = (request: unknown, context: ServerContext) => unknown;

/**
 * Keeps the defects of every handler that is set from here on: the protocol's library sends the text of whatever is thrown.
 * What is meant for the client is a `ProtocolError`; of everything else it is told under which id the log tells more.
 */
export function keepDefects(server: Server): void {
  const set = server.setRequestHandler.bind(server) as (...words: unknown[]) => void;
  server.setRequestHandler = (...words: unknown[]) => set(...words.slice(0, -1), safely(words.at(-1) as Handler));
}

function safely(handler: Handler): Handler {
  return async (request, context) => {
    try {
      return await handler(request, context);
    } catch (error) {
      // Of a cancelled request nothing is told.
      if (error instanceof ProtocolError || context.mcpReq.signal.aborted) throw error;
      const id = randomUUID();
      log.error({ id, error }, "a request failed inside mcpfier");
      throw new ProtocolError(
        ProtocolErrorCode.InternalError,
        `a defect of mcpfier stopped the request; its log tells more under ${id}`,
      );
    }
  };
}
