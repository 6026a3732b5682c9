// HTTP in front of the stdio door, for referees that know HTTP alone: a server for each session, and one for each request that
// has none. The latter is used again afterwards, so that a request that goes on from an answer finds who gave it.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { BIN, atEnd } from "../rig.ts";

interface Message {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly error?: { readonly code: number };
}

interface Connection {
  readonly child: ChildProcess;
  send(line: string): void;
  /** Who waits for the answer of a request, the newest last; that of GET waits for none. */
  readonly waiting: Map<unknown, ServerResponse>;
}

/** With errors of the protocol HTTP wants a status. */
const STATUS: Readonly<Record<number, number>> = {
  [-32600]: 400,
  [-32601]: 404,
  [-32602]: 400,
  [-32021]: 400,
  [-32022]: 400,
};

/** Closed, with its servers, after the test. */
export function createBridge(catalogue: string): Server {
  const sessions = new Map<string, Connection>();
  const idle: Connection[] = [];

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = request.headers["mcp-session-id"];
    const line = (await text(request)).replaceAll("\n", " ");
    const { id, method } = JSON.parse(line || "{}") as Message;
    const connection = typeof name === "string" ? sessions.get(name) : (idle.pop() ?? connect(catalogue));
    if (!connection) return void response.writeHead(404).end();
    if (request.method === "DELETE" || request.method === "GET") {
      // A client that goes closes the stream of GET, and ends its session by nothing else.
      response.once("close", () => {
        sessions.delete(String(name));
        connection.child.stdin?.end();
      });
      if (request.method === "GET") connection.waiting.set("GET", stream(response));
      else response.end();
      return;
    }
    connection.send(line);
    if (id === undefined || method === undefined) return void response.writeHead(202).end();
    connection.waiting.set(id, response);
    if (method === "initialize") {
      const given = randomUUID();
      sessions.set(given, connection);
      response.setHeader("mcp-session-id", given);
    }
    response.once("close", () => {
      connection.waiting.delete(id);
      if (name !== undefined || method === "initialize") return;
      if (response.writableFinished) idle.push(connection);
      else connection.child.stdin?.end();
    });
  }
  return createServer((request, response) => void take(request, response));
}

function connect(catalogue: string): Connection {
  const child = spawn(process.execPath, [BIN, "serve", "-c", catalogue], { stdio: ["pipe", "pipe", "ignore"] });
  const exit = once(child, "exit");
  atEnd(() => {
    child.stdin.end();
    return exit;
  });
  const waiting = new Map<unknown, ServerResponse>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, method, error } = JSON.parse(line) as Message;
    const isAnswer = method === undefined;
    const response = isAnswer ? waiting.get(id) : [...waiting.values()].at(-1);
    const status = STATUS[error?.code ?? 0];
    if (!response) return;
    if (status === undefined || response.headersSent) {
      stream(response).write(`data: ${line}\n\n`);
      if (isAnswer) response.end();
    } else response.writeHead(status, { "content-type": "application/json" }).end(line);
  });
  return { child, send: (line) => void child.stdin.write(`${line}\n`), waiting };
}

function stream(response: ServerResponse): ServerResponse {
  if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  return response;
}
