import { randomUUID } from "node:crypto";
import { ProtocolError, ProtocolErrorCode, type ServerContext } from "@modelcontextprotocol/server";
import { log } from "../base/log.ts";

/**
 * A handler whose defects stay here: the protocol's library sends the text of whatever is thrown. What is meant for the client
 * is a `ProtocolError`; of everything else it is told under which id the log tells more.
 */
export function safely<Request, Result>(
  handler: (request: Request, context: ServerContext) => Result | Promise<Result>,
): (request: Request, context: ServerContext) => Promise<Result> {
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
