import { type JSONRPCMessage, PROTOCOL_VERSION_META_KEY, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { RequestId } from "./answers.ts";
import { type Exchange, answerBusy, answerError } from "./exchange.ts";
import type { HttpSession } from "./http-session.ts";
import type { HttpSessions } from "./http-sessions.ts";
import { type Post, idOf } from "./http-post.ts";
import { refuse } from "./message.ts";

/** The revisions before 2026-07-28 over HTTP: finds or begins the session that a request is of. */
export interface OlderDoor {
  post(exchange: Exchange, read: Post): Promise<void>;
  /** What is no POST: listening, and the end of a session. */
  serve(exchange: Exchange): Promise<void>;
  close(): Promise<void>;
}

const { InvalidRequest } = ProtocolErrorCode;

export function createOlderDoor(sessions: HttpSessions): OlderDoor {
  async function post(exchange: Exchange, read: Post): Promise<void> {
    const isOpening = !read.isBatch && read.parts.some(({ message }) => isInitialize(message));
    const session = isOpening && sessionIdOf(exchange) === null ? await open(exchange, idOf(read)) : find(exchange);
    await session?.post(exchange, read);
  }

  async function open(exchange: Exchange, id: RequestId | null): Promise<HttpSession | null> {
    const session = await sessions.open(exchange.client);
    if (!session) answerBusy(exchange, id, "as many sessions are open as may; try again");
    return session;
  }

  /** Undefined, and the exchange is answered, when there is none. */
  function find(exchange: Exchange): HttpSession | undefined {
    const id = sessionIdOf(exchange);
    const session = id === null ? undefined : sessions.find(id, exchange.client);
    if (id === null) answerError(exchange, 400, refuse(null, InvalidRequest, NOT_BEGUN));
    else if (!session) answerError(exchange, 404, NO_SESSION);
    return session;
  }

  async function serve(exchange: Exchange): Promise<void> {
    if (sessionIdOf(exchange) === null) return exchange.answer(405, "", { allow: "POST" });
    const session = find(exchange);
    if (!session) return undefined;
    const fault = session.revisionFault(exchange);
    if (fault !== undefined) return answerError(exchange, 400, refuse(null, InvalidRequest, fault));
    if (exchange.request.method === "GET") return session.listen(exchange);
    await session.close();
    return exchange.answer(200, "");
  }

  return { post, serve, close: sessions.close };
}

/** As the libraries of clients know it: the session is to be begun anew. */
const NO_SESSION = {
  reply: {
    jsonrpc: "2.0",
    id: null,
    error: { code: -32001, message: "there is no such session, or it has ended; begin another one with initialize" },
  },
} as const;
const NOT_BEGUN =
  'no session has begun: send "initialize" first and then its mcp-session-id, or, as of 2026-07-28, ' +
  `"${PROTOCOL_VERSION_META_KEY}" and its companions in the "_meta" of each request`;

function isInitialize(message: JSONRPCMessage): boolean {
  return "method" in message && message.method === "initialize";
}

export function sessionIdOf({ request }: Exchange): string | null {
  return request.headers.get("mcp-session-id");
}
