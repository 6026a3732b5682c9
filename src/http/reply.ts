import type { ServerResponse } from "node:http";
import type { EventStream, Exchange } from "../mcp/exchange.ts";
import type { Limits } from "./limits.ts";
import { type OutflowOptions, createOutflow } from "./outflow.ts";

/** The way back of one request. */
export interface Reply extends Pick<Exchange, "answer" | "stream" | "drained"> {
  /** Bytes of the body that were given so far. */
  size(): number;
}

export function createReply(
  outgoing: ServerResponse,
  { keepAliveMs, ...options }: OutflowOptions & Pick<Limits, "keepAliveMs">,
): Reply {
  const outflow = createOutflow(outgoing, options);

  function answer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
    if (outflow.isOver() || outgoing.headersSent) return;
    const type = text === "" ? {} : { "content-type": "application/json" };
    const length = status === 204 ? {} : { "content-length": Buffer.byteLength(text) };
    outgoing.writeHead(status, { ...type, ...length, "cache-control": "no-store", ...headers });
    outflow.write(text);
    outflow.end();
  }

  function stream(headers: Readonly<Record<string, string>> = {}): EventStream {
    if (outflow.isOver()) return { write: outflow.write, end: outflow.end, drop: outflow.drop };
    outgoing.writeHead(200, { ...EVENTS, ...headers }).flushHeaders();
    const silence = setInterval(comment, keepAliveMs);
    outgoing.once("close", () => clearInterval(silence));

    function write(events: string | Buffer): void {
      outflow.write(events);
      silence.refresh();
    }

    /** So that nobody on the way takes it for dead. One that does not read is given up without it. */
    function comment(): void {
      if (outflow.isDrained()) outflow.write(": still here\n\n");
    }

    return { write, end: outflow.end, drop: outflow.drop };
  }

  return { answer, stream, drained: outflow.drained, size: outflow.size };
}

const EVENTS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  // A proxy that gathers what it passes on would hold progress back.
  "x-accel-buffering": "no",
};
