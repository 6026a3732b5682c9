// The HTTP door in this process, with limits that a test can reach, and what is sent to it byte by byte.
import { type Socket, connect } from "node:net";
import { once } from "node:events";
import type { Engine } from "../../src/engine.ts";
import type { AppOptions } from "../../src/http/app.ts";
import { startApp } from "../../src/http/app.ts";
import { atEnd, engineOf } from "../rig.ts";

export interface Served {
  readonly url: string;
  readonly port: number;
}

/** Serves a catalogue; closed after the test. */
export async function serveHere(yaml: string, options: Partial<AppOptions> = {}): Promise<Served> {
  const engine = options.engine ?? (await engineOf(yaml));
  const app = await startApp({ version: "1", address: { host: "127.0.0.1", port: 0 }, ...options, engine });
  atEnd(async () => {
    app.stop();
    await engine.close();
    await app.close();
  });
  return { url: app.url, port: Number(new URL(app.url).port) };
}

/** An engine, and how its calls end. */
export async function watchedEngine(yaml: string): Promise<{ readonly engine: Engine; readonly outcomes: string[] }> {
  const engine = await engineOf(yaml);
  const outcomes: string[] = [];
  const call: Engine["call"] = async (asked) => {
    const outcome = await engine.call(asked);
    outcomes.push(outcome.kind);
    return outcome;
  };
  return { engine: { ...engine, call }, outcomes };
}

/** A connection; it is closed after the test. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  atEnd(() => socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

export interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends a text and gives what is answered until the connection ends, or the first answer is whole. */
export async function say(port: number, text: string): Promise<Said> {
  const socket = await dial(port);
  socket.write(text);
  let all = "";
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    all += chunk.toString("latin1");
    if (isWhole(all)) break;
  }
  const [head = "", body = ""] = all.split(/\r\n\r\n([^]*)/);
  const [first = "", ...lines] = head.split("\r\n");
  const headers = new Headers(lines.map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string]));
  return { status: Number(first.split(" ")[1]), headers, body };
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  if (text.startsWith("HTTP/1.1 204")) return end >= 0;
  return end >= 0 && length !== undefined && text.length >= end + 4 + Number(length);
}

/** A request as it stands on the wire; a list of headers may name one twice. */
export function request(
  port: number,
  {
    method = "POST",
    path = "/mcp",
    headers = [],
    body = "",
  }: {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: readonly (readonly [name: string, value: string])[];
    readonly body?: string;
  } = {},
): string {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const usual: readonly (readonly [string, string])[] = [
    ["Host", `127.0.0.1:${port}`],
    ["Accept", "application/json, text/event-stream"],
    ...(method === "POST"
      ? ([
          ["Content-Type", "application/json"],
          ["Content-Length", String(Buffer.byteLength(body))],
        ] as const)
      : []),
  ];
  const all = [...usual.filter(([name]) => !names.has(name.toLowerCase())), ...headers];
  return `${method} ${path} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
}

export function initialize(id: number | string = 1, protocolVersion = "2025-06-18"): string {
  return JSON.stringify({
    jsonrpc: "2.0",
    id,
    method: "initialize",
    params: { protocolVersion, capabilities: {}, clientInfo: { name: "t", version: "1" } },
  });
}

/** A message of 2026-07-28, and the headers that go with it. */
export function modern(
  id: number,
  method: string,
  params: object = {},
): { readonly headers: Record<string, string>; readonly body: string } {
  const { name } = params as { readonly name?: string };
  return {
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(name === undefined ? {} : { "mcp-name": name }),
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id,
      method,
      params: {
        ...params,
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
          "io.modelcontextprotocol/clientCapabilities": {},
          ...(params as { readonly _meta?: object })._meta,
        },
      },
    }),
  };
}

/** The messages of a stream of events. */
export function messagesOf(events: string): readonly unknown[] {
  return events
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice("data: ".length)) as unknown);
}
