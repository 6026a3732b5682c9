import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { log } from "../base/log.ts";
import { ENDING_SIGNALS } from "../base/signals.ts";
import type { Engine } from "../engine.ts";
import { createServer } from "./server.ts";

/**
 * Serves the protocol on stdin and stdout, in both of its eras, and resolves when the client has gone or a signal came and every
 * call has ended. A second signal does not wait.
 */
export async function serve(engine: Engine, version: string): Promise<void> {
  // Before the protocol's own listeners: what runs is to learn of the shutdown, not of a request that was dropped.
  const closed = whenEnded(() => engine.close());
  const connection = serveStdio(() => createServer(engine, version), {
    onerror: (error) => log.debug({ error }, "protocol"),
  });
  await closed;
  await connection.close();
}

/** Runs `close` once, in the very event that ends the session. */
function whenEnded(close: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => resolve(close());
    process.stdin.once("end", end).once("close", end);
    process.stdout.once("error", end);
    for (const name of ENDING_SIGNALS) {
      process.once(name, () => {
        process.once(name, () => process.exit(1));
        end();
      });
    }
  });
}
