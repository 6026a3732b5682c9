import {
  type JSONRPCMessage,
  ProtocolErrorCode,
  type Transport,
  isJSONRPCResponse,
} from "@modelcontextprotocol/server";
import type { RequestId } from "./answers.ts";
import type { Archive } from "./archive.ts";
import { type Channels, createChannels } from "./channels.ts";
import { type Exchange, answerError, eventOf } from "./exchange.ts";
import { explained } from "./explain.ts";
import type { Post, Taken } from "./http-post.ts";
import { createHttpRules } from "./http-rules.ts";
import { refuse } from "./message.ts";
import type { Outlet, Tape } from "./tape.ts";
import { type Tapes, createTapes } from "./tapes.ts";

/**
 * A session of the revisions before 2026-07-28 over HTTP: each POST is answered in a stream of its own, a GET hears of the rest.
 * The protocol library's own transport queues without end for a client that does not read, leaves the stream of a cancelled
 * request open, and mixes up the streams of two requests with one id.
 */
export interface HttpTransport extends Transport {
  /** Resolves when each of its requests has begun. */
  post(exchange: Exchange, post: Post): Promise<void>;
  /** Hears what is no answer, or takes up the stream of the event that it saw last. */
  listen(exchange: Exchange): void;
  /** Why a request that names a revision which has no sessions is refused. */
  revisionFault(exchange: Exchange): string | undefined;
  /** Whether anybody waits for an answer or listens. */
  isBusy(): boolean;
}

/** Requests of a batch that are under way at once. */
const AT_ONCE = 32;

export interface HttpTransportOptions {
  readonly sessionId: string;
  readonly archive: Archive;
  /** After how long a client that comes back for the rest is let go. */
  readonly holdMs: number;
  ended(): void;
}

export function createHttpTransport({ sessionId, archive, holdMs, ended }: HttpTransportOptions): HttpTransport {
  const channels = createChannels();
  const rules = createHttpRules();
  const headers = { "mcp-session-id": sessionId };
  const tapes = createTapes({ headers, archive, holdMs, isPolled: rules.isPolled });
  const listener = createListener(tapes);
  let isClosed = false;

  async function post(exchange: Exchange, { parts, isBatch }: Post): Promise<void> {
    const requests = parts.filter((part) => part.kind === "request");
    const ids = requests.map(({ message }) => message.id);
    const isOpening = requests.some(({ message }) => message.method === "initialize");
    const outletOf = isBatch ? unkept : tapes.open;
    const fault = twiceFault(channels.duplicateOf(ids)) ?? rules.postFault({ exchange, isBatch, isOpening });
    if (fault !== undefined) return answerError(exchange, 400, refuse(null, ProtocolErrorCode.InvalidRequest, fault));
    if (requests.length === 0) exchange.answer(202, "");
    else channels.begin(ids, { exchange, stream: isOpening ? null : outletOf(exchange, headers) });
    for (const part of parts) if (part.kind !== "request") deliver(part, exchange);
    return beginInTurn(requests, { exchange, channels, deliver });
  }

  function deliver({ kind, message }: Taken, { request }: Exchange): void {
    if (kind !== "notification" || message.method !== "notifications/cancelled")
      return transport.onmessage?.(message, { request });
    const id = message.params?.["requestId"] as RequestId;
    // The beginning of a session cannot be taken back, and what is not under way is cancelled by nobody.
    if (!channels.of(id)?.stream) return undefined;
    transport.onmessage?.(message, { request });
    // A cancelled request is not answered, so that nothing else ends its stream.
    return channels.settle(id);
  }

  async function send(message: JSONRPCMessage, related: RequestId | undefined): Promise<void> {
    const isAnswer = isJSONRPCResponse(message);
    const id = isAnswer ? message.id : related;
    const channel = id === undefined ? undefined : channels.of(id);
    const outlet = id === undefined ? listener.now() : channel?.stream;
    outlet?.write(message);
    // One that failed begins no session.
    if (channel && !outlet && isAnswer && !answerOpening(channel.exchange, message, headers)) void close();
    // A sender of progress waits for the client. An answer is the last that there is of a request.
    return isAnswer && id !== undefined ? channels.settle(id) : outlet?.drained();
  }

  async function close(): Promise<void> {
    if (isClosed) return;
    isClosed = true;
    ended();
    transport.onclose?.();
    for (const each of [channels, tapes]) each.end();
  }

  const transport: HttpTransport = {
    sessionId,
    start: () => Promise.resolve(),
    send: (message, options) => send(explained(message), options?.relatedRequestId),
    close,
    setSupportedProtocolVersions: rules.setSupported,
    setProtocolVersion: rules.setRevision,
    post,
    listen: listener.listen,
    revisionFault: rules.revisionFault,
    isBusy: () => channels.areUnderWay() || listener.now()?.isHeard() === true,
  };
  return transport;
}

/** Whether a session has begun. */
function answerOpening(
  { answer }: Exchange,
  message: JSONRPCMessage,
  headers: Readonly<Record<string, string>>,
): boolean {
  const isFine = "result" in message;
  answer(200, JSON.stringify(message), isFine ? headers : {});
  return isFine;
}

/** For the answers of a batch, which have no bound together. */
function unkept({ stream, drained }: Exchange, headers: Readonly<Record<string, string>>): Outlet {
  const { write, end } = stream(headers);
  return { write: (message) => write(eventOf(message)), end, drained };
}

/**
 * Begins them in their order, so many at once and none while what the others were answered lies unread: for a client that never
 * reads few answers are made.
 */
async function beginInTurn(
  requests: readonly Extract<Taken, { readonly kind: "request" }>[],
  {
    exchange,
    channels,
    deliver,
  }: { readonly exchange: Exchange; readonly channels: Channels; deliver(part: Taken, exchange: Exchange): void },
): Promise<void> {
  const running = new Set<Promise<void>>();
  for (const request of requests) {
    const { id } = request.message;
    if (running.size >= AT_ONCE) await Promise.race(running);
    await exchange.drained();
    // It was cancelled, or the session has ended; another may have its id by now.
    if (channels.of(id)?.exchange !== exchange) continue;
    if (exchange.request.signal.aborted) channels.settle(id);
    else deliver(request, exchange);
    const over = channels.settled(id).then(() => void running.delete(over));
    running.add(over);
  }
}

/** Whoever waits for what is no answer: one at a time. */
function createListener(tapes: Tapes): { listen(exchange: Exchange): void; now(): Tape | undefined } {
  let now: Tape | undefined;
  return {
    listen: (exchange) => {
      const lastEvent = exchange.request.headers.get("last-event-id") ?? "";
      if (lastEvent !== "") return tapes.resume(exchange, lastEvent);
      // Who asks again has lost the one before.
      now?.end();
      now = tapes.open(exchange);
      return undefined;
    },
    now: () => now,
  };
}

/** The answer of the first would arrive in the stream of the second. */
function twiceFault(id: RequestId | undefined): string | undefined {
  if (id === undefined) return undefined;
  return `a request with the id ${JSON.stringify(id).slice(0, 80)} is under way; send each with an id of its own`;
}
