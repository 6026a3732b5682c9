import { randomUUID } from "node:crypto";
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { log } from "../base/log.ts";

/**
 * A handler whose defects stay here: the protocol's library sends the text of whatever is thrown. What is meant for the client
 * is a `ProtocolError`; of everything else it is told under which id the log tells more.
 */
export function safely<Args extends unknown[], Result>(
  handler: (...args: Args) => Result | Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await handler(...args);
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      const id = randomUUID();
      log.error({ id, error }, "a request failed inside mcpfier");
      throw new ProtocolError(
        ProtocolErrorCode.InternalError,
        `a defect of mcpfier stopped the request; its log tells more under ${id}`,
      );
    }
  };
}
