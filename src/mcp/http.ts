import {
  ProtocolErrorCode,
  SUPPORTED_PROTOCOL_VERSIONS,
  type Server,
  type ServerNotifier,
  createMcpHandler,
  isLegacyRequest,
} from "@modelcontextprotocol/server";
import { asCaller } from "../caller.ts";
import { log } from "../base/log.ts";
import type { Engine } from "../engine.ts";
import { type Exchange, answerBusy, answerError } from "./exchange.ts";
import { explained } from "./explain.ts";
import { createOlderDoor, sessionIdOf } from "./http-older.ts";
import { type SessionLimits, createHttpSessions } from "./http-sessions.ts";
import { createHttpListening } from "./http-listening.ts";
import { idOf, isClaimed, readPost } from "./http-post.ts";
import { refuse, refuseRevision } from "./message.ts";
import { CLAIMED } from "./revision.ts";
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

/** What a header may name. */
const KNOWN: ReadonlySet<string> = new Set([...SUPPORTED_PROTOCOL_VERSIONS, ...CLAIMED]);

const { InternalError } = ProtocolErrorCode;

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
  const listening = createHttpListening(limits.subscriptions);
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
    // The library takes whatever the header names, and it does not know, for a newer revision.
    if (!isClaimed(read)) {
      const foreign = foreignRevision(exchange);
      if (sessionIdOf(exchange) !== null) return older.post(exchange, read);
      if (foreign !== undefined) return answerError(exchange, 400, refuseRevision(idOf(read), foreign));
    }
    if (await isLegacyRequest(exchange.request, parsed)) return older.post(exchange, read);
    const [first] = messages;
    const leave = first && !read.isBatch ? listening.hear(first) : undefined;
    if (leave === null) return answerBusy(exchange, idOf(read), "as many streams wait for changes as may; try again");
    try {
      await pass(await modern.fetch(exchange.request, { parsedBody: parsed }), exchange);
    } finally {
      leave?.();
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

/** What a header names that is no revision that there is. */
function foreignRevision(exchange: Exchange): string | undefined {
  const named = exchange.request.headers.get("mcp-protocol-version");
  return named === null || KNOWN.has(named) ? undefined : named;
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
