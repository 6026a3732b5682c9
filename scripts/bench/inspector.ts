// Looks into a server by Node's inspector: only there can its garbage be collected from outside.
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { pause } from "./process.ts";

export interface Inspector {
  /** Collects garbage, all of it. */
  collect(): Promise<void>;
  /** The text that an expression is. */
  evaluate(expression: string): Promise<string>;
  close(): void;
}

export async function inspect(port: number): Promise<Inspector> {
  const socket = new WebSocket(await address(port));
  await once(socket, "open");
  let next = 1;
  const waiting = new Map<number, (result: Evaluated) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { readonly id: number; readonly result: Evaluated };
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  const ask = (method: string, params: object = {}): Promise<Evaluated> =>
    new Promise((resolve) => {
      const id = next++;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  return {
    collect: async () => void (await ask("HeapProfiler.collectGarbage")),
    evaluate: async (expression) => String((await ask("Runtime.evaluate", { expression })).result?.value),
    close: () => socket.close(),
  };
}

interface Evaluated {
  readonly result?: { readonly value: unknown };
}

async function address(port: number): Promise<string> {
  for (let tries = 0; ; tries++)
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
      const [target] = (await answer.json()) as readonly { readonly webSocketDebuggerUrl: string }[];
      if (target) return target.webSocketDebuggerUrl;
    } catch (error) {
      if (tries === 50) throw error;
      await pause(100);
    }
}

/** One that nothing listens at now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
