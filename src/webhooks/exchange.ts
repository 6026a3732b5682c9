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
  /** How long the connection may take. */
  readonly connectMs: number;
  /** Told once, when the connection is free again. */
  readonly leave: () => void;
}

const HEAD_BYTES = 64 * 1024;

/**
 * Sends it and resolves with the answer's head; rejects with a `HookFault` or with the reason of the signal, which must not have
 * aborted before and must do so with an error.
 */
export function exchange(hop: Hop, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { url, guard, pool, connectMs } = hop;
    const request = begin(hop);
    let isSent = false;
    let stage: "asking" | "again" | "settled" = "asking";

    function fail(error: Error): void {
      settle();
      reject(error);
      request.destroy();
    }

    function settle(): void {
      stage = "settled";
      stopClock();
      signal.removeEventListener("abort", giveUp);
    }

    const giveUp = (): void => fail(signal.reason as Error);
    const stopClock = setDeadline(connectMs, () =>
      fail(faultFrom(new Error(`no connection within ${connectMs / 1000} s`), url.origin, false)),
    );
    request.once("socket", (socket) =>
      pool.onceOpen(socket, url, () => {
        isSent = true;
        stopClock();
        const { remoteAddress } = socket;
        // A connection of the pool may stand because another webhook opens this host for itself.
        if (remoteAddress !== undefined && !guard.mayUse(remoteAddress)) fail(forbidden(hostOf(url)));
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
      // What goes wrong from the answer on, the body tells.
      if (stage === "settled") return;
      if (isStale(error, request, hop.request.method)) stage = "again";
      else fail(faultFrom(error, url.origin, isSent));
    });
    request.once("close", () => {
      const isAgain = stage === "again";
      settle();
      if (isAgain) {
        // Those that stand yet may be closed as well.
        pool.forget(url);
        resolve(exchange(hop, signal));
      } else hop.leave();
    });
    signal.addEventListener("abort", giveUp);
    request.end(hop.request.body ?? undefined);
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

/**
 * Most likely the service closed a connection that stood idle while the request was on its way. It may have read it all the same,
 * so only what may arrive twice is sent again, and once: the connection of the second is new (RFC 9110 9.2.2).
 */
function isStale(error: NodeJS.ErrnoException, request: ClientRequest, method: string): boolean {
  return request.reusedSocket && isIdempotent(method) && (error.code === "ECONNRESET" || error.code === "EPIPE");
}
