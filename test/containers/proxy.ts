// Bad weather between mcpfier and a real engine: it stands before the engine's socket and passes bytes on, or does not.
import { linkSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { type Server, type Socket, connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Faults last until `mend`, and act on connections that are there and on later ones. With `only`, a fault acts on those whose
 * latest request begins with a line that matches (`POST /v1.41/containers/ID/attach?... HTTP/1.1`), and the others pass.
 */
export interface Proxy {
  /** What DOCKER_HOST is to be. */
  readonly host: string;
  /** Breaks off the connections that are open now; later ones pass. */
  cut(only?: RegExp): void;
  /** Passes nothing on, and keeps what comes. */
  freeze(only?: RegExp): void;
  /** Ends `freeze` alone; what was kept goes on. */
  thaw(): void;
  /** Passes everything on, each piece this much later than it would. */
  delay(ms: number, only?: RegExp): void;
  /** Nobody listens any more (ECONNREFUSED). With `only`: such requests are broken off, and the engine never sees them. */
  refuse(only?: RegExp): void;
  /** Passes requests on, and breaks off when their answers come: the engine did it, and the client does not hear of that. */
  lose(only: RegExp): void;
  /** Breaks off answers when this many bytes of the body, or of the hijacked stream, have passed. */
  cutAfter(bytes: number, only: RegExp): void;
  /** Takes every fault back; what was broken off stays so. */
  mend(): void;
  /** The first lines of all requests that have come. */
  requests(): readonly string[];
  /** How many requests have come that match. */
  count(only?: RegExp): number;
  /** How many connections are open whose latest request matches; one of a hijacked stream is when its client has gone, until the engine speaks again. */
  open(only?: RegExp): number;
  /** How many connections have been made. */
  met(): number;
  close(): void;
}

interface Weather {
  frozen?: RegExp | undefined;
  delayed?: { readonly ms: number; readonly only: RegExp } | undefined;
  refused?: RegExp | undefined;
  lost?: RegExp | undefined;
  short?: { readonly bytes: number; readonly only: RegExp } | undefined;
  thaw: PromiseWithResolvers<void>;
}

interface Connection {
  readonly client: Socket;
  readonly engine: Socket;
  /** First line of the latest request. */
  request: string;
  /** Whether what the client sends is HTTP no more. */
  isHijacked: boolean;
  /** Head of the latest answer, as far as it has come. */
  head: string;
  /** Bytes of the latest answer's body that have passed. */
  passed: number;
}

const ALL = /(?:)/;
const REQUEST = /^(?:GET|HEAD|POST|PUT|DELETE) \S+ HTTP\/1\.[01](?=\r\n)/;
const HEAD_END = "\r\n\r\n";

/** A proxy before the engine at `target` (`unix://...`); whoever makes it closes it. */
export function createProxy(target: string): Proxy {
  // Not below TMPDIR: the path of a socket is short.
  const folder = mkdtempSync("/tmp/mcpfier-proxy-");
  const path = join(folder, "socket");
  const connections = new Set<Connection>();
  const requests: string[] = [];
  const weather: Weather = { thaw: Promise.withResolvers() };

  let met = 0;
  const accept = (client: Socket): void => {
    met += 1;
    const engine = connect({ path: target.replace(/^unix:\/\//, ""), allowHalfOpen: true });
    const connection: Connection = { client, engine, request: "", isHijacked: false, head: "", passed: 0 };
    connections.add(connection);
    for (const socket of [client, engine]) {
      // What is wrong with one side is told to the other one by closing it.
      socket.on("error", () => undefined);
      socket.once("close", (isBroken) => {
        // What one that ended in good order has sent may still be held.
        if (isBroken || !socket.readableEnded) breakOff(connection);
        if (client.destroyed && engine.destroyed) connections.delete(connection);
      });
    }
    pump(client, engine, () => hold(connection, weather), {
      look: (chunk) => noteRequest(connection, chunk, requests),
      most: () => (weather.refused?.test(connection.request) === true ? 0 : Infinity),
    });
    pump(engine, client, () => hold(connection, weather), {
      look: () => undefined,
      most: (chunk) => mostOfAnswer(connection, chunk, weather),
    });
  };
  const listen = (): Server => createServer({ allowHalfOpen: true }, accept).listen(path);
  const thaw = (): void => {
    weather.frozen = undefined;
    weather.thaw.resolve();
    weather.thaw = Promise.withResolvers();
  };
  const cut = (only = ALL): void => {
    for (const each of connections) if (only.test(each.request)) breakOff(each);
  };

  let server: Server | undefined = listen();
  return {
    host: `unix://${path}`,
    cut,
    freeze: (only = ALL) => {
      weather.frozen = only;
    },
    thaw,
    delay: (ms, only = ALL) => {
      weather.delayed = { ms, only };
    },
    refuse: (only) => {
      weather.refused = only;
      if (only !== undefined || !server) return;
      leaveSocket(server, path);
      server = undefined;
    },
    lose: (only) => {
      weather.lost = only;
    },
    cutAfter: (bytes, only) => {
      weather.short = { bytes, only };
    },
    mend: () => {
      thaw();
      weather.delayed = weather.refused = weather.lost = weather.short = undefined;
      if (server) return;
      rmSync(path);
      server = listen();
    },
    requests: () => [...requests],
    count: (only = ALL) => requests.filter((line) => only.test(line)).length,
    open: (only = ALL) => [...connections].filter(({ request }) => only.test(request)).length,
    met: () => met,
    close: () => {
      cut();
      thaw();
      server?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Closing a server removes its socket, and then clients find no file where they should be refused. */
function leaveSocket(server: Server, path: string): void {
  linkSync(path, `${path}-left`);
  server.close();
  renameSync(`${path}-left`, path);
}

function breakOff({ client, engine }: Connection): void {
  client.destroy();
  engine.destroy();
}

interface Customs {
  /** Sees what has come, before it is held. */
  look(chunk: Buffer): void;
  /** How much of a piece may pass; after less than all of it the connection is broken off. */
  most(chunk: Buffer): number;
}

/** Passes on what one side sends, with its back-pressure, and then that it has ended. */
function pump(from: Socket, to: Socket, held: () => Promise<void>, { look, most }: Customs): void {
  const passOn = async (): Promise<void> => {
    // Leaving the loop must not close what is open in the other direction.
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      look(chunk);
      await held();
      const passing = most(chunk);
      if (passing < chunk.length) {
        to.write(chunk.subarray(0, passing), () => {
          from.destroy();
          to.destroy();
        });
        return;
      }
      await new Promise((done) => to.write(chunk, done));
    }
    await held();
    to.end();
  };
  passOn().catch(() => from.destroy());
}

/** Waits for as long as the weather holds a connection. */
async function hold({ request, client }: Connection, weather: Weather): Promise<void> {
  if (weather.delayed?.only.test(request) === true) await sleep(weather.delayed.ms);
  while (weather.frozen?.test(request) === true && !client.destroyed) await weather.thaw.promise;
}

/** A client writes the head of a request at once, so it stands at the beginning of a piece. */
function noteRequest(connection: Connection, chunk: Buffer, requests: string[]): void {
  if (connection.isHijacked) return;
  const text = chunk.toString("latin1");
  const [line] = REQUEST.exec(text) ?? [];
  if (line === undefined) return;
  requests.push(line);
  const [head = ""] = text.split(HEAD_END, 1);
  Object.assign(connection, { request: line, isHijacked: /^upgrade:/im.test(head), head: "", passed: 0 });
}

function mostOfAnswer(connection: Connection, chunk: Buffer, { short, lost }: Weather): number {
  if (lost?.test(connection.request) === true) return 0;
  const before = connection.head.length;
  let headOfChunk = 0;
  if (!connection.head.includes(HEAD_END)) {
    connection.head += chunk.toString("latin1");
    const end = connection.head.indexOf(HEAD_END);
    headOfChunk = end < 0 ? chunk.length : end + HEAD_END.length - before;
  }
  const rest = short?.only.test(connection.request) === true ? Math.max(0, short.bytes - connection.passed) : Infinity;
  connection.passed += chunk.length - headOfChunk;
  return connection.passed === 0 ? Infinity : headOfChunk + rest;
}
