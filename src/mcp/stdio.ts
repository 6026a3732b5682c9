import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { log } from "../base/log.ts";
import { ENDING_SIGNALS, RELOAD_SIGNAL } from "../base/signals.ts";
import type { Engine } from "../engine.ts";
import { createListening } from "./listening.ts";
import { createServer } from "./server.ts";

/** How long a client that does not read what was answered may hold a server that has ended. */
const PATIENCE_MS = 500;

/**
 * Serves the protocol on stdin and stdout, in both of its eras, and resolves when the client has gone or a signal came and every
 * call has ended. A signal after that first end does not wait. The process ends soon after, whether all answers were read or not.
 */
export async function serve(engine: Engine, version: string): Promise<void> {
  // Before the protocol's own listeners: what runs is to learn of the shutdown, not of a request that was dropped.
  const closed = whenEnded(() => engine.close());
  const listening = createListening();
  const transport = new StdioServerTransport();
  const connection = serveStdio(() => createServer(engine, version, undefined, listening), {
    transport,
    onerror: (error) => log.debug({ error }, "protocol"),
  });
  listening.overhear(transport);
  await closed;
  // Writes that wait would keep the process alive; where there are none it does not wait for this.
  setTimeout(() => process.exit(), PATIENCE_MS).unref();
  await connection.close();
}

/** Runs `close` once, in the very event that ends the session. */
function whenEnded(close: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    let isEnding = false;
    const end = (): void => {
      if (isEnding) return;
      isEnding = true;
      resolve(close());
    };
    process.stdin.once("end", end).once("close", end);
    process.stdout.once("error", end);
    const signals = ENDING_SIGNALS.filter((name) => name !== RELOAD_SIGNAL);
    for (const name of signals) process.on(name, () => (isEnding ? process.exit(1) : end()));
  });
}
