import type { Readable, Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import { explained } from "./explain.ts";
import { createFrames } from "./frames.ts";
import { TOO_LONG, readMessage } from "./message.ts";
import { type Output, createOutput } from "./output.ts";
import { createSession } from "./session.ts";

export interface Streams {
  readonly input: Readable;
  readonly output: Writable;
  /** Called once, when the input has ended or the output is broken, before the protocol's library learns of it. */
  ended(): void;
}

/** Messages that are taken before something else gets a turn: their answers, and the cancels of what they started. */
const AT_ONCE = 32;

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
      void read().then(end, end);
      return Promise.resolve();
    },
    send: async (raw: JSONRPCMessage) => {
      const message = explained(raw);
      if (!session.outgoing(message)) return;
      output.write(message);
      // A sender of progress waits for the client. With an answer the library would let all that comes in wait as well.
      if ("method" in message) await output.drained();
    },
    close: () => {
      close();
      return Promise.resolve();
    },
    setProtocolVersion: session.setRevision,
    drained: output.drained,
  };

  async function read(): Promise<void> {
    const frames = createFrames();
    let taken = 0;
    for await (const chunk of input as AsyncIterable<Buffer>) {
      for (const frame of frames.write(chunk)) {
        session.receive(frame ? readMessage(frame) : TOO_LONG);
        await session.deciding();
        if (++taken % AT_ONCE === 0) await turn();
        while (output.isFull()) await output.drained();
      }
    }
    // What came last may be answered at once.
    await turn();
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
