import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { setDeadline } from "../base/deadline.ts";
import { faultOf } from "../base/files.ts";
import { EngineFault } from "./fault.ts";
import { downFault } from "./reach.ts";

export interface Question {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the answer's head, or of the whole answer where that is asked for. */
  readonly deadlineMs: number;
  /** Ends the exchange whenever it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Longer answers are none that we ask for. */
const ANSWER_BYTES = 32 * 1024 * 1024;

/** Sends one HTTP request and resolves with the answer's head, or with the stream that the connection became. */
export function exchange(name: string, agent: Agent, question: Question): Promise<IncomingMessage | Duplex> {
  return new Promise((resolve, reject) => {
    const request = begin(agent, question);
    const { deadlineMs, signal } = question;
    let isAsked = false;

    function fail(fault: EngineFault): void {
      reject(fault);
      request.destroy();
    }

    const giveUp = (): void => fail(leftFault(name));
    const stopClock = setDeadline(deadlineMs, () =>
      fail(isAsked ? slowFault(name, deadlineMs) : downFault(name, new Error("no connection in time"))),
    );
    request.once("socket", () => (isAsked = true));
    request.on("error", (error) => fail(requestFault(name, error, isAsked && !isUnheard(question, error))));
    request.once("upgrade", (_head: IncomingMessage, socket: Duplex, first: Buffer) => {
      stopClock();
      if (first.length > 0) socket.unshift(first);
      resolve(socket);
    });
    request.once("response", (answer) => {
      stopClock();
      resolve(answer);
    });
    request.once("close", () => {
      stopClock();
      signal?.removeEventListener("abort", giveUp);
      reject(lostFault(name));
    });
    signal?.addEventListener("abort", giveUp);
    if (signal?.aborted) giveUp();
    else request.end(question.body);
  });
}

function begin(agent: Agent, { method, path, body, headers }: Question): ClientRequest {
  // By `import`, `node:http` would load what Node's own `fetch` needs: 20 ms.
  return process.getBuiltinModule("node:http").request({
    agent,
    method,
    path,
    headers: {
      Host: "docker",
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...(method === "POST" && { "Content-Length": Buffer.byteLength(body ?? "") }),
      ...headers,
    },
  });
}

/** A body's text; rejects with a `lost` the moment its connection is cut. */
export async function readText(name: string, body: IncomingMessage, signal?: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > ANSWER_BYTES) throw strangeFault(name);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof EngineFault) throw error;
    throw signal?.aborted ? leftFault(name) : lostFault(name);
  }
  if (!body.complete) throw lostFault(name);
  return Buffer.concat(chunks).toString();
}

function requestFault(name: string, error: Error, isAsked: boolean): EngineFault {
  if (error instanceof EngineFault) return error;
  return isAsked ? lostFault(name, faultOf(error)) : downFault(name, error);
}

/**
 * Whether a TLS engine did not let us in, which it says only after we think that the connection stands (RFC 8446, 4.4.2.4). Other
 * faults of TLS, such as a damaged record, may come after it has heard us. A start must not happen twice, so it takes no word for it.
 */
function isUnheard({ path }: Question, error: NodeJS.ErrnoException): boolean {
  return !path.endsWith("/start") && NOT_LET_IN.test(error.code ?? "");
}

const NOT_LET_IN = /^ERR_SSL_\w*ALERT_(?:\w*CERTIFICATE\w*|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)$/;

export function lostFault(name: string, why = "the connection was closed"): EngineFault {
  return new EngineFault("lost", `the engine ${name} was asked, and lost before it answered: ${why}`);
}

export function strangeFault(name: string): EngineFault {
  return new EngineFault("lost", `the engine ${name} answered what no container engine does; is its address right?`);
}

export function slowFault(name: string, deadlineMs: number): EngineFault {
  return new EngineFault("slow", `the engine ${name} did not answer within ${deadlineMs / 1000} s`);
}

function leftFault(name: string): EngineFault {
  return new EngineFault("slow", `the engine ${name} was not waited for any longer`);
}
