import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { setDeadline } from "../base/deadline.ts";
import { HookFault, faultFrom } from "./fault.ts";
import { type Guard, forbidden } from "./guard.ts";
import { headersOf } from "./headers.ts";
import { hostOf, portOf } from "./host.ts";
import type { Pool } from "./pool.ts";
import type { HookRequest } from "./request.ts";
import { isIdempotent } from "./retry.ts";

/** One request to one host. */
export interface Hop {
  readonly request: HookRequest;
  readonly url: URL;
  readonly guard: Guard;
  readonly pool: Pool;
  /** Told once, when the connection is free again. */
  readonly leave: () => void;
}

const CONNECT_MS = 10_000;
const HEAD_BYTES = 64 * 1024;

/** Sockets that were spoken through, so that what goes wrong with them does not mean that nothing was sent. */
const open = new WeakSet<Socket>();

/** Sends it and resolves with the answer's head; rejects with a `HookFault` or the signal's reason, which must be an error. */
export function exchange(hop: Hop, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { url, guard } = hop;
    const request = begin(hop);
    let isSent = false;
    let isAgain = false;

    function fail(error: Error): void {
      settle();
      reject(error);
      request.destroy();
    }

    function settle(): void {
      stopClock();
      signal.removeEventListener("abort", giveUp);
    }

    const giveUp = (): void => fail(signal.reason as Error);
    const stopClock = setDeadline(CONNECT_MS, () =>
      fail(faultFrom(new Error(`no connection within ${CONNECT_MS / 1000} s`), url.origin, false)),
    );
    request.once("socket", (socket) =>
      onceOpen(socket, url, () => {
        isSent = true;
        stopClock();
        const { remoteAddress } = socket;
        // A pooled connection may stand because another webhook opens this host for itself.
        if (remoteAddress !== undefined && !guard.mayUse(remoteAddress)) fail(forbidden(hostOf(url), remoteAddress));
      }),
    );
    request.once("response", (answer) => {
      settle();
      resolve(answer);
    });
    request.once("upgrade", (_answer: IncomingMessage, socket: Socket) => {
      socket.destroy();
      fail(new HookFault("lost", `${url.origin} changed the protocol, which it was not asked to`));
    });
    request.on("error", (error) => {
      isAgain = isStale(error, request, hop.request.method) && !signal.aborted;
      if (isAgain) settle();
      else fail(faultFrom(error, url.origin, isSent));
    });
    request.once("close", () => {
      settle();
      if (isAgain) resolve(exchange(hop, signal));
      else hop.leave();
    });
    signal.addEventListener("abort", giveUp);
    if (signal.aborted) giveUp();
    else request.end(hop.request.body ?? undefined);
  });
}

function begin({ request, url, guard, pool }: Hop): ClientRequest {
  const isTls = url.protocol === "https:";
  const { request: make } = process.getBuiltinModule(isTls ? "node:https" : "node:http");
  return make({
    agent: pool.agentFor(url),
    method: request.method,
    host: hostOf(url),
    port: portOf(url),
    path: `${url.pathname}${url.search}`,
    headers: headersOf(request),
    lookup: guard.lookup,
    maxHeaderSize: HEAD_BYTES,
    insecureHTTPParser: false,
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    ...(isTls && { rejectUnauthorized: true }),
  });
}

/** Before anything is sent through it. */
function onceOpen(socket: Socket, { protocol }: URL, listener: () => void): void {
  if (open.has(socket)) return listener();
  socket.once(protocol === "https:" ? "secureConnect" : "connect", () => {
    open.add(socket);
    listener();
  });
}

/** The service closed an idle connection while the request was on its way, which it then has not read, or not all of it. */
function isStale(error: NodeJS.ErrnoException, request: ClientRequest, method: string): boolean {
  return request.reusedSocket && isIdempotent(method) && (error.code === "ECONNRESET" || error.code === "EPIPE");
}
