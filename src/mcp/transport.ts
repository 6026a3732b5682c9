import { type Readable, type Writable, finished } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import { explained } from "./explain.ts";
import { createIntake } from "./intake.ts";
import { type Output, createOutput } from "./output.ts";
import { createSession } from "./session.ts";

export interface Streams {
  readonly input: Readable;
  readonly output: Writable;
  /** Called once, when the input has ended or the output is broken, before the protocol's library learns of it. */
  ended(): void;
}

const SENT = Promise.resolve();

/**
 * The protocol over a pair of streams, a message a line. Each line is answered, passed on or ignored by rule; none ends the
 * connection. While more than 16 MiB of answers lie unread, nothing more is read.
 */
export function createTransport({ input, output: stream, ended }: Streams): Transport & Pick<Output, "drained"> {
  const output = createOutput(stream);
  const session = createSession({
    deliver: (message) => transport.onmessage?.(message),
    send: output.write,
    ignored: (reason) => transport.onerror?.(new Error(`ignored: ${reason}`)),
  });
  let isClosed = false;

  const transport: Transport & Pick<Output, "drained"> = {
    start: () => {
      stream.on("error", end);
      read();
      return Promise.resolve();
    },
    send: (raw: JSONRPCMessage) => {
      const message = explained(raw);
      if (!session.outgoing(message)) return SENT;
      output.write(message);
      // A sender of progress waits for the client. With an answer the library would let all that comes in wait as well.
      return "method" in message ? output.drained() : SENT;
    },
    close: () => {
      close();
      return Promise.resolve();
    },
    setProtocolVersion: session.setRevision,
    drained: output.drained,
  };

  /** By events: an iterator would take some turns of the promises for each chunk. */
  function read(): void {
    const take = createIntake(session, output);
    let waiting: Promise<void> | undefined;
    input.on("data", (chunk: Buffer) => {
      try {
        waiting = take(chunk);
        if (!waiting) return;
        input.pause();
        waiting.then(() => input.resume(), end);
      } catch (error) {
        end(error);
      }
    });
    const last = (): void => void taken(waiting).then(end, end);
    finished(input, { writable: false }, (error) => (error ? end(error) : last()));
  }

  function end(error?: unknown): void {
    if (isClosed) return;
    if (error instanceof Error) transport.onerror?.(error);
    ended();
    close();
  }

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    output.close();
    input.destroy();
    transport.onclose?.();
  }

  return transport;
}

/** A stream that has ended already says so right after its last chunk, paused or not. */
async function taken(waiting: Promise<void> | undefined): Promise<void> {
  await waiting;
  // What came last may be answered at once.
  await turn();
}
