import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { log } from "../base/log.ts";
import type { Engine } from "../engine.ts";
import { createServer } from "./server.ts";

/**
 * Serves the protocol on stdin and stdout, in both of its eras, and resolves when the client has gone or a signal came and every
 * call has ended. A second signal does not wait.
 */
export async function serve(engine: Engine, version: string): Promise<void> {
  const connection = serveStdio(() => createServer(engine, version), {
    onerror: (error) => log.debug({ error }, "protocol"),
  });
  await ended();
  await engine.close();
  await connection.close();
}

function ended(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => resolve();
    process.stdin.once("end", end).once("close", end);
    process.stdout.once("error", end);
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(name, () => {
        process.once(name, () => process.exit(1));
        end();
      });
    }
  });
}
