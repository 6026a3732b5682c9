// A real service on this machine, and commands that ask it.
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Engine } from "../../../src/engine.ts";
import type { Outcome } from "../../../src/pipeline/call.ts";
import { atEnd, engineOf } from "../../rig.ts";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Service {
  readonly url: string;
  /** All requests so far. */
  readonly asked: readonly Asked[];
  /** How many of its connections stand. */
  open(): number;
  close(): Promise<void>;
}

export type Answer = (asked: Asked, response: ServerResponse, socket: Socket, count: number) => void;

/** A service that is gone after the test; `answer` gets the number of the request, from 1. */
export async function serve(answer: Answer): Promise<Service> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers, socket } = request;
      const one = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      asked.push(one);
      answer(one, response, socket, asked.length);
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  let isClosed = false;
  async function close(): Promise<void> {
    if (isClosed) return;
    isClosed = true;
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
  atEnd(close);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, open: () => sockets.size, close };
}

/** An engine over commands that are requests; what is not said of one is that it may reach this machine. */
export async function engineWith(
  commands: Readonly<Record<string, object>>,
  options: { readonly records?: string } = {},
): Promise<Engine> {
  const list = Object.entries(commands).map(([name, keys]) => {
    const { webhook, ...more } = keys as { readonly webhook: object };
    return Object.assign({ name, description: "d", webhook: { allow_private: true, ...webhook } }, more);
  });
  return engineOf(JSON.stringify({ commands: list }), options);
}

export function textOf(outcome: Outcome): string {
  if (!("stdout" in outcome))
    throw new Error(`${outcome.kind}: ${"problems" in outcome ? outcome.problems.join() : ""}`);
  return Buffer.concat([outcome.stdout.head, outcome.stdout.tail]).toString();
}

export function shownOf(outcome: Outcome): string {
  if (!("shown" in outcome))
    throw new Error(`${outcome.kind}: ${"problems" in outcome ? outcome.problems.join() : ""}`);
  return outcome.shown.text;
}
