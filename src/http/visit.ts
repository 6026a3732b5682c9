import type { IncomingMessage, ServerResponse } from "node:http";
import { plainText } from "../base/text.ts";
import type { AskedCall, Exchange } from "../mcp/exchange.ts";
import { type HttpEvent, timestampOf } from "../stores/analytics/event.ts";
import type { Backlog } from "./backlog.ts";
import type { Held } from "./body.ts";
import type { Limits } from "./limits.ts";
import { type Reply, createReply } from "./reply.ts";
import { readTarget } from "./target.ts";

/** One request, from its headers to the end of its answer. */
export interface Visit {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly path: string;
  readonly reply: Reply;
  readonly held: Held;
  /** As the protocol's side has it, once its body is there. */
  exchangeOf(body: Buffer): Exchange;
  /** Resolves when the call that it asks for is answered; at once where it asks for none. */
  answered(): Promise<void>;
  /** Tells of it, once. */
  tell(): void;
}

export interface VisitOptions {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly held: Held;
  readonly limits: Pick<Limits, "stallMs" | "keepAliveMs">;
  readonly backlog: Backlog;
  answered(event: Omit<HttpEvent, "session_id">): void;
}

/** As long as nobody has to prove who he is, all are one. */
const ANYBODY = "anybody";
/** Characters of what a client may make as long as it likes. */
const MOST = 200;

export function createVisit({ incoming, outgoing, held, limits, backlog, answered }: VisitOptions): Visit {
  const began = performance.now();
  const { path } = readTarget(incoming.url ?? "");
  const { remoteAddress = "" } = incoming.socket;
  const reply = createReply(outgoing, { ...limits, backlog });
  const gone = new AbortController();
  /** Held until the end: whether a Request that nobody holds hears of its signal is left to the garbage collector. */
  let exchange: Exchange | undefined;
  let call: AskedCall | undefined;
  let isTold = false;
  outgoing.once("close", () => {
    held.release();
    if (!outgoing.writableFinished) gone.abort();
    exchange = undefined;
    tell();
  });

  function tell(): void {
    if (isTold) return;
    isTold = true;
    answered({
      table: "http_events",
      timestamp: timestampOf(Date.now()),
      method: shown(incoming.method),
      path: shown(path),
      // What proxies write of a client that did not wait.
      status_code: outgoing.headersSent ? outgoing.statusCode : 499,
      duration_ms: Math.round(performance.now() - began),
      client_ip: remoteAddress,
      user_agent: shown(incoming.headers["user-agent"]),
      auth_method: "none",
      auth_success: null,
      response_size: reply.size(),
      call_id: call?.id ?? null,
      outcome: call?.outcome ?? null,
      caller: call?.caller ?? null,
    });
  }

  function exchangeOf(body: Buffer): Exchange {
    const { answer, stream, drained } = reply;
    exchange = {
      request: new Request(`http://mcpfier${path}`, {
        method: incoming.method ?? "",
        headers: headersOf(incoming),
        signal: gone.signal,
      }),
      body,
      client: ANYBODY,
      answer,
      stream,
      drained,
      called: (told) => void (call = { ...call, ...told }),
    };
    return exchange;
  }

  const whenAnswered = (): Promise<void> => (call ? closed(outgoing) : Promise.resolve());
  return { incoming, outgoing, path, reply, held, exchangeOf, answered: whenAnswered, tell };
}

function closed(outgoing: ServerResponse): Promise<void> {
  return outgoing.closed ? Promise.resolve() : new Promise((resolve) => void outgoing.once("close", () => resolve()));
}

function shown(text = ""): string {
  return plainText(text).slice(0, MOST);
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  return headers;
}
