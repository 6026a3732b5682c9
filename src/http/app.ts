import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { log } from "../base/log.ts";
import type { Engine } from "../engine.ts";
import { createHttpDoor } from "../mcp/http.ts";
import { type Address, hostText, hostsOf } from "./address.ts";
import { createBacklog } from "./backlog.ts";
import { createRoom, readBody } from "./body.ts";
import { allowPage, answerPreflight } from "./cors.ts";
import { type Refused, type Rules, guard } from "./guards.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { healthRoute } from "./routes/health.ts";
import { mcpRoute } from "./routes/mcp.ts";
import type { Route } from "./routes/route.ts";
import { type Visit, createVisit } from "./visit.ts";

export interface AppOptions {
  readonly engine: Engine;
  readonly version: string;
  readonly address: Address;
  /** What Host may say beside the server's own address, and pages of which origins may use it. */
  readonly hosts?: readonly string[];
  readonly origins?: readonly string[];
  readonly limits?: Partial<Limits>;
}

/** The HTTP server while it listens. */
export interface App {
  readonly url: string;
  /** Takes no more connections and no more requests. What is under way goes on, and is told of. */
  stop(): void;
  /** Ends what is left; a client that does not read is not waited for. */
  close(): Promise<void>;
}

/** How often Node looks for requests that take too long. */
const LOOK_MS = 1000;
/** How long calls that have ended may take to be answered at the end: their last progress goes first. */
const ANSWER_MS = 500;
/** How long answers that are written may take to be read at the end. */
const PATIENCE_MS = 250;

/** Listens at the address; rejects when it cannot. */
export async function startApp({ engine, version, address, ...options }: AppOptions): Promise<App> {
  const limits = { ...LIMITS, ...options.limits };
  const server = createNodeServer(limits);
  const own = await listen(server, address);
  server.on("error", (error) => log.warn({ error }, "a connection could not be taken"));
  const closed = new Promise((resolve) => server.once("close", resolve));
  const rules = rulesOf(own, limits, options);
  const door = createHttpDoor(engine, version, limits);
  const room = createRoom(limits.bodiesBytes);
  const backlog = createBacklog(limits.unreadBytes);
  const visits = new Set<Visit>();
  let isStopping = false;
  const routes: readonly Route[] = [mcpRoute(door), healthRoute(() => isStopping)];
  const at = new Map(routes.flatMap((route) => route.paths.map((path) => [path, route])));

  async function take(incoming: IncomingMessage, outgoing: ServerResponse, isWaiting: boolean): Promise<void> {
    const visit = createVisit({ incoming, outgoing, held: room(), limits, backlog, answered: engine.answered });
    const isFull = visits.size >= limits.exchanges;
    visits.add(visit);
    outgoing.once("close", () => visits.delete(visit));
    const route = at.get(visit.path);
    const refused = isFull ? BUSY : guard({ incoming, route, rules });
    const { origin = "" } = incoming.headers;
    if (!refused && rules.foreign.has(origin)) allowPage(origin, outgoing);
    if (refused || !route) return refuse(visit, refused ?? BUSY);
    if (incoming.method === "OPTIONS") return answerPreflight(incoming, outgoing, route);
    if (isWaiting) outgoing.writeContinue();
    const body = incoming.method === "POST" ? await readBody(incoming, visit.held, limits) : Buffer.alloc(0);
    return "status" in body ? refuse(visit, body) : route.serve(visit.exchangeOf(body));
  }

  function begin(incoming: IncomingMessage, outgoing: ServerResponse, isWaiting: boolean): void {
    // It rejects when the client goes while it sends.
    take(incoming, outgoing, isWaiting).catch((error: unknown) => {
      log.debug({ error }, "an HTTP request was broken off");
      outgoing.destroy();
    });
  }

  server.on("request", (incoming, outgoing) => begin(incoming, outgoing, false));
  server.on("checkContinue", (incoming, outgoing) => begin(incoming, outgoing, true));

  function stop(): void {
    isStopping = true;
    server.close();
    // The analytics are closed before the last answer is out.
    for (const visit of visits) visit.tell();
  }

  async function close(): Promise<void> {
    stop();
    await atMost(ANSWER_MS, Promise.all(Array.from(visits, (visit) => visit.answered())));
    await door.close();
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
    await closed;
    clearTimeout(timer);
  }

  return { url: `http://${hostText(own)}`, stop, close };
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}

const BUSY: Refused = {
  status: 503,
  text: "as many requests are being answered as may; try again",
  headers: { "retry-after": "1" },
};

/** In the words of the protocol, which is what most who ask understand. */
function refuse({ reply, outgoing }: Visit, { status, text, headers = {} }: Refused): void {
  // Where it ends is doubtful.
  if (status === 400) outgoing.setHeader("connection", "close");
  reply.answer(status, JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32_000, message: text } }), headers);
}

function createNodeServer(limits: Limits): Server {
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(LOOK_MS, limits.headersMs),
  });
  server.maxConnections = limits.connections;
  // Beyond it Node leaves headers out without a word, duplicates among them.
  server.maxHeadersCount = 0;
  server.timeout = limits.stallMs;
  return server;
}

async function listen(server: Server, { host, port }: Address): Promise<Address> {
  server.listen({ host, port });
  await once(server, "listening");
  return { host, port: (server.address() as AddressInfo).port };
}

function rulesOf(address: Address, limits: Limits, { hosts = [], origins = [] }: Partial<AppOptions>): Rules {
  const own = hostsOf(address);
  const foreign = origins.map((origin) => origin.toLowerCase());
  return {
    hosts: new Set([...own, ...hosts.map((host) => host.toLowerCase())]),
    origins: new Set([...own.map((host) => `http://${host}`), ...foreign]),
    foreign: new Set(foreign),
    limits,
  };
}
