import {
  ProtocolErrorCode,
  type Server,
  type ServerNotifier,
  createMcpHandler,
  isLegacyRequest,
} from "@modelcontextprotocol/server";
import { asCaller } from "../caller.ts";
import { log } from "../base/log.ts";
import type { Engine } from "../engine.ts";
import { type Exchange, answerError } from "./exchange.ts";
import { explained } from "./explain.ts";
import { createOlderDoor } from "./http-older.ts";
import { type SessionLimits, createHttpSessions } from "./http-sessions.ts";
import type { Post, Taken } from "./http-transport.ts";
import { createHttpListening } from "./http-listening.ts";
import { type Received, batchFault, readMessage, readValue, refuse } from "./message.ts";
import { createServer } from "./server.ts";

export interface HttpDoorLimits extends SessionLimits {
  /** Streams of clients of 2026-07-28 that wait for changes. */
  readonly subscriptions: number;
}

/** The protocol over HTTP, in both eras. What is asked for may come from anywhere: who may ask is decided before. */
export interface HttpDoor {
  /** Answers one request; does not wait for its end, and never rejects. */
  serve(exchange: Exchange): Promise<void>;
  /** Ends every session and every stream. */
  close(): Promise<void>;
}

/** Clients of 2026-07-28 have no session, and cannot be told apart. */
const STATELESS = "http";

const { InvalidRequest, InternalError } = ProtocolErrorCode;

export function createHttpDoor(engine: Engine, version: string, limits: HttpDoorLimits): HttpDoor {
  const exchanges = new WeakMap<Request, Exchange>();
  const exchangeOf = (request: Request | undefined): Exchange | undefined => request && exchanges.get(request);
  const older = createOlderDoor(createHttpSessions({ engine, version, exchangeOf }, limits));
  const shared = asCaller(engine, STATELESS);
  const modern = createMcpHandler(() => explaining(createServer(shared, version, { isBrief: true, exchangeOf })), {
    legacy: "reject",
    // A client's patience for headers is shorter than many a call.
    responseMode: "sse",
    keepAliveMs: 0,
    maxSubscriptions: limits.subscriptions,
    onerror: (error) => log.debug({ error }, "protocol"),
  });
  const listening = createHttpListening();
  const teller = tellerOf(createServer(shared, version, { listening }), modern.notify);

  async function serve(exchange: Exchange): Promise<void> {
    try {
      exchanges.set(exchange.request, exchange);
      await (exchange.request.method === "POST" ? post(exchange) : older.serve(exchange));
    } catch (error) {
      log.error({ error }, "an HTTP request failed inside mcpfier");
      answerError(
        exchange,
        500,
        refuse(null, InternalError, "a defect of mcpfier stopped the request; its log tells more"),
      );
    }
  }

  async function post(exchange: Exchange): Promise<void> {
    const read = readPost(exchange.body);
    if ("kind" in read) return answerError(exchange, 400, read);
    const messages = read.parts.map(({ message }) => message);
    const parsed = read.isBatch ? messages : messages[0];
    if (await isLegacyRequest(exchange.request, parsed)) return older.post(exchange, read);
    const leave = messages.map(listening.hear);
    try {
      await pass(await modern.fetch(exchange.request, { parsedBody: parsed }), exchange);
    } finally {
      leave.forEach((each) => each());
    }
  }

  async function close(): Promise<void> {
    teller.onclose?.();
    await Promise.all([modern.close(), older.close()]);
  }

  return { serve, close };
}

/** A server that nobody is connected to: it hears of changes for all clients without a session, and tells those that listen. */
function tellerOf(server: Server, notify: ServerNotifier): Server {
  return Object.assign(server, {
    sendToolListChanged: async () => notify.toolsChanged(),
    sendResourceListChanged: async () => notify.resourcesChanged(),
    sendPromptListChanged: async () => notify.promptsChanged(),
    sendResourceUpdated: async ({ uri }: { readonly uri: string }) => notify.resourceUpdated(uri),
  });
}

/** The library connects each server to a transport of its own making. */
function explaining(server: Server): Server {
  const connect = server.connect.bind(server);
  server.connect = (transport) => {
    const send = transport.send.bind(transport);
    transport.send = (message, options) => send(explained(message), options);
    return connect(transport);
  };
  return server;
}

/** The messages of a body, or why it is refused as a whole: nothing of it runs then. */
function readPost(body: Buffer): Post | Extract<Received, { readonly kind: "refused" }> {
  const received = readMessage(body);
  const isBatch = received.kind === "batch";
  const fault = isBatch ? batchFault(received.parts.length) : undefined;
  if (fault !== undefined) return refuse(null, InvalidRequest, fault);
  const parts: Taken[] = [];
  for (const part of isBatch ? received.parts.map((each) => readValue(each)) : [received]) {
    if (part.kind === "refused") return part;
    if (part.kind === "batch" || part.kind === "ignored")
      return refuse(
        null,
        InvalidRequest,
        `expected a message, came ${part.kind === "batch" ? "a batch" : part.reason}`,
      );
    parts.push(part);
  }
  return { parts, isBatch };
}

/** Passes on what the protocol's library answered, as fast as the client reads. */
async function pass({ status, body, headers }: Response, exchange: Exchange): Promise<void> {
  if (headers.get("content-type") !== "text/event-stream") {
    const allow = headers.get("allow");
    return exchange.answer(status, body ? await new Response(body).text() : "", allow === null ? {} : { allow });
  }
  const stream = exchange.stream();
  const decoder = new TextDecoder();
  for await (const chunk of body ?? []) {
    stream.write(decoder.decode(chunk, { stream: true }));
    await exchange.drained();
  }
  return stream.end();
}
