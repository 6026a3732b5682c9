// What the tests of the client share: services on this machine, and requests to them.
import { type RequestListener, type Server as HttpServer, createServer } from "node:http";
import { type Server, type Socket, createServer as createSocketServer } from "node:net";
import type { AddressInfo, LookupFunction } from "node:net";
import { text } from "node:stream/consumers";
import { HookFault } from "../../src/webhooks/fault.ts";
import { type HooksOptions, createHooks } from "../../src/webhooks/hooks.ts";
import type { HookAnswer, HookRequest, Hooks } from "../../src/webhooks/request.ts";
import { atEnd } from "../rig.ts";

export interface Service {
  readonly url: string;
  readonly port: number;
  /** How many connections were made to it. */
  connections(): number;
  /** How many stand. */
  standing(): number;
}

/** A service that is gone after the test. */
export function serve(listener: RequestListener): Promise<Service> {
  return listen(createServer({ keepAliveTimeout: 60_000 }, listener), "http:");
}

/** A service that speaks for itself: each connection is a socket. */
export function serveRaw(speak: (socket: Socket) => void): Promise<Service> {
  return listen(createSocketServer(speak), "http:");
}

/** One that answers the first bytes of each connection so, and then leaves it open or closes it. */
export function serveText(words: string, isClosed = true): Promise<Service> {
  return serveRaw((socket) => {
    socket.once("data", () => (isClosed ? socket.end(words, "latin1") : socket.write(words, "latin1")));
  });
}

export async function listen(server: Server | HttpServer, scheme: "http:" | "https:"): Promise<Service> {
  const standing = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections += 1;
    standing.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => standing.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(() => {
    for (const socket of standing) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const url = `${scheme}//127.0.0.1:${port}`;
  return { url, port, connections: () => connections, standing: () => standing.size };
}

/** A client that is closed after the test. */
export function hooks(options: HooksOptions = {}): Hooks {
  const made = createHooks(options);
  atEnd(() => made.close());
  return made;
}

export function request(url: string, more: Partial<HookRequest> = {}): HookRequest {
  return {
    method: "GET",
    url,
    headers: [],
    body: null,
    credentials: [],
    isBodySecret: false,
    hosts: [],
    allowPrivate: ["127.0.0.1"],
    ...more,
  };
}

export const never = new AbortController().signal;

export interface Got extends Omit<HookAnswer, "body"> {
  readonly text: string;
}

export async function get(by: Hooks, asked: HookRequest, signal = never): Promise<Got> {
  const { body, ...head } = await by.send(asked, signal);
  return { ...head, text: await text(body) };
}

/** How it failed. */
export async function faultOf(doing: Promise<unknown>): Promise<HookFault> {
  const error: unknown = await doing.then(
    () => new Error("it did not fail"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HookFault)) throw error;
  return error;
}

/** A look-up that answers from a list, one entry a time, and the last for ever. */
export function lookupOf(...answers: readonly (readonly string[])[]): LookupFunction & { answered(): number } {
  let [asked, answered] = [0, 0];
  const lookup: LookupFunction = (_name, options, done) => {
    const found = (answers[Math.min(asked++, answers.length - 1)] ?? []).map((address) => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }));
    setImmediate(() => {
      answered += 1;
      if (options.all) done(null, found);
      else done(null, found[0]?.address ?? "", found[0]?.family);
    });
  };
  return Object.assign(lookup, { answered: () => answered });
}
