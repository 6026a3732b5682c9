import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { log } from "../base/log.ts";
import { ENDING_SIGNALS, RELOAD_SIGNAL } from "../base/signals.ts";
import type { Kept } from "../catalogue/kept.ts";
import type { Engine } from "../engine.ts";
import { createListening } from "./listening.ts";
import { createReady } from "./ready.ts";
import { createServer } from "./server.ts";
import { createTransport } from "./transport.ts";

/** How long a client that does not read what was answered may hold a server that has ended. */
const PATIENCE_MS = 500;

/**
 * Serves the protocol on stdin and stdout, in both of its eras, and resolves when the client has gone or a signal came and every
 * call has ended. `kept` belongs to the catalogue that the engine has now. A signal after that first end does not wait. The process ends soon after, whether all answers were read or not.
 */
export async function serve(engine: Engine, version: string, kept?: Kept): Promise<void> {
  const ready = kept && createReady(engine.catalogue(), kept);
  const ending = createEnding(() => engine.close());
  const transport = createTransport({ input: process.stdin, output: process.stdout, ended: ending.begin });
  const listening = createListening();
  const { drained } = transport;
  const connection = serveStdio(() => createServer(engine, version, { listening, drained, ready }), {
    transport,
    onerror: (error) => log.debug({ error }, "protocol"),
  });
  listening.overhear(transport);
  const signals = ENDING_SIGNALS.filter((name) => name !== RELOAD_SIGNAL);
  for (const name of signals) process.on(name, () => (ending.isBegun() ? process.exit(1) : ending.begin()));
  await ending.over;
  // Writes that wait would keep the process alive; where there are none it does not wait for this.
  setTimeout(() => process.exit(), PATIENCE_MS).unref();
  await connection.close();
}

interface Ending {
  readonly over: Promise<void>;
  isBegun(): boolean;
  begin(): void;
}

/** Runs `close` once, in the very event that ends the session. */
function createEnding(close: () => Promise<void>): Ending {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isBegun = false;
  return {
    over: promise,
    isBegun: () => isBegun,
    begin: () => {
      if (isBegun) return;
      isBegun = true;
      resolve(close());
    },
  };
}
