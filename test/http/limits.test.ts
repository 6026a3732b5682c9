import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createBacklog } from "../../src/http/backlog.ts";
import { createReply } from "../../src/http/reply.ts";
import type { Engine } from "../../src/engine.ts";
import { atEnd, engineOf, folder, poll } from "../rig.ts";
import { type Served, dial, initialize, modern, request, say, serveHere } from "./rig.ts";

const YAML = `
commands:
  - { name: hello, description: Says hello, run: [echo, hello] }
  - name: large
    description: Prints much
    run: [seq, "1200000"]
    output: { max: 16MiB }
  - name: wait
    description: Waits for a file
    shell: sh
    run: until [ -e "$arg_file" ]; do sleep 0.02; done
    params: { file: { type: string, required: true } }
`;

const LISTEN = modern(1, "subscriptions/listen", { notifications: { toolsListChanged: true } });

function send(port: number, { headers, body }: typeof LISTEN): string {
  return request(port, { headers: Object.entries(headers), body });
}

/** Sends a text and keeps the connection; what came until something is told of it. */
async function open(
  port: number,
  text: string,
  isEnough: (all: string) => boolean,
): Promise<{ socket: Socket; all: string }> {
  const socket = await dial(port);
  socket.write(text);
  let all = "";
  socket.on("data", (chunk: Buffer) => (all += chunk.toString("latin1")));
  await poll(
    () => isEnough(all) || socket.closed,
    () => `came: ${all}`,
  );
  return { socket, all };
}

const isAnswered = (all: string): boolean => all.includes("\r\n\r\n");

function hello({ port }: Served): ReturnType<typeof say> {
  const { headers, body } = modern(1, "tools/call", { name: "hello", arguments: {} });
  return say(port, request(port, { headers: [...Object.entries(headers), ["Connection", "close"]], body }));
}

describe("a client that takes its time", () => {
  const limits = { headersMs: 200, requestMs: 400 };

  it("is not waited for, whether it says nothing, a header at a time or a byte of a body at a time", async () => {
    const { port } = await serveHere(YAML, { limits });
    const body = request(port, { headers: [["Content-Length", "1000"]] });
    for (const [text, drip] of [
      ["", ""],
      ["POST /mcp HTTP/1.1\r\n", "X: a\r\n"],
      [body, " "],
    ] as const) {
      const socket = await dial(port);
      let all = "";
      socket.on("data", (chunk: Buffer) => (all += chunk.toString()));
      socket.write(text);
      const timer = setInterval(() => socket.write(drip), 20);
      await poll(
        () => socket.closed,
        () => `still open, came: ${all}`,
      );
      clearInterval(timer);
      expect([text, all]).toEqual([text, expect.stringMatching(/^HTTP\/1\.1 408 |^$/)]);
    }
  });
});

describe("too much at once", () => {
  it("of connections: more are closed, and those that are open go on", async () => {
    const { port } = await serveHere(YAML, { limits: { connections: 4 } });
    const sockets = await Promise.all(Array.from({ length: 9 }, () => dial(port)));
    await poll(
      () => sockets.filter(({ closed }) => closed).length === 5,
      () => "too few were closed",
    );
    const one = sockets.find(({ closed }) => !closed);
    one?.write(request(port, { method: "GET", path: "/health" }));
    const [said] = one ? ((await once(one, "data")) as [Buffer]) : [];
    expect(said?.toString()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("of streams: 200 clients that want to listen leave room for calls", async () => {
    const limits = { subscriptions: 20, exchanges: 100 };
    const served = await serveHere(YAML, { limits });
    const asked = Array.from({ length: 200 }, () =>
      open(served.port, send(served.port, LISTEN), (all) => /acknowledged|as may; try/.test(all)),
    );
    const answers = (await Promise.all(asked)).map(({ all }) => all);
    expect(answers.filter((all) => all.includes("acknowledged"))).toHaveLength(20);
    const refused = answers.filter((all) => /^HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n/i.test(all));
    expect(refused).toHaveLength(180);
    expect(await hello(served)).toMatchObject({ status: 200, body: expect.stringContaining("hello") });
  });

  it("of requests: one more is told to come again, and may when another has gone", async () => {
    const served = await serveHere(YAML, { limits: { exchanges: 2 } });
    const streams = await Promise.all([1, 2].map(() => open(served.port, send(served.port, LISTEN), isAnswered)));
    const refused = await hello(served);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    streams[0]?.socket.destroy();
    let status = 0;
    for (const deadline = Date.now() + 10_000; status !== 200 && Date.now() < deadline;)
      ({ status } = await hello(served));
    expect(status).toBe(200);
  });

  it("of bodies: they share one room, which is free again when they have gone", async () => {
    const served = await serveHere(YAML, { limits: { bodiesBytes: 1000 } });
    const half = request(served.port, { headers: [["Content-Length", "950"]] }) + " ".repeat(900);
    const socket = await dial(served.port);
    socket.write(half);
    let status = 200;
    for (const deadline = Date.now() + 10_000; status !== 503 && Date.now() < deadline;)
      ({ status } = await hello(served));
    expect(status).toBe(503);
    socket.destroy();
    for (const deadline = Date.now() + 10_000; status !== 200 && Date.now() < deadline;)
      ({ status } = await hello(served));
    expect(status).toBe(200);
  });

  it("of sessions: those that nobody uses are ended, and make room", async () => {
    const file = `${folder()}/go`;
    const { port } = await serveHere(YAML, { limits: { sessions: 3, idleMs: 1000, yieldMs: 1e9 } });
    const begin = (): ReturnType<typeof say> => say(port, request(port, { body: initialize() }));
    const begun = [await begin(), await begin(), await begin()];
    const [busy = "", listening = "", idle = ""] = begun.map(({ headers }) => headers.get("mcp-session-id") ?? "");
    const of = (id: string): readonly [string, string][] => [["Mcp-Session-Id", id]];
    const call = { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "wait", arguments: { file } } };
    await open(port, request(port, { headers: of(busy), body: JSON.stringify(call) }), isAnswered);
    await open(port, request(port, { method: "GET", headers: of(listening) }), isAnswered);
    await poll(
      async () => (await begin()).status === 200,
      () => "nothing makes room",
    );
    const ping = (id: string): ReturnType<typeof say> =>
      say(
        port,
        request(port, {
          headers: [...of(id), ["Connection", "close"]],
          body: '{"jsonrpc":"2.0","id":9,"method":"ping"}',
        }),
      );
    expect([(await ping(busy)).status, (await ping(listening)).status, (await ping(idle)).status]).toEqual([
      200, 200, 404,
    ]);
  });

  it("of sessions: one more is told to come again, unless another did nothing for a while and gives way", async () => {
    const begin = ({ port }: Served): ReturnType<typeof say> => say(port, request(port, { body: initialize() }));
    const patient = await serveHere(YAML, { limits: { sessions: 1, yieldMs: 1e9 } });
    await begin(patient);
    const full = await begin(patient);
    expect([full.status, full.headers.get("retry-after")]).toEqual([503, "1"]);
    const served = await serveHere(YAML, { limits: { sessions: 2, yieldMs: 0 } });
    const begun = [await begin(served), await begin(served), await begin(served)];
    const ends = begun.map(async ({ headers }) => {
      const of = [["Mcp-Session-Id", headers.get("mcp-session-id") ?? ""]] as const;
      return (await say(served.port, request(served.port, { method: "DELETE", headers: of }))).status;
    });
    expect(await Promise.all(ends)).toEqual([404, 200, 200]);
  });
});

describe("a client that never reads", () => {
  /** Clients that ask for much, and send line ends, but never read; `closed` tells how many have been given up. */
  async function mute(served: Served, count: number): Promise<{ closed(): number }> {
    const call = modern(1, "tools/call", { name: "large", arguments: {} });
    const sockets = await Promise.all(Array.from({ length: count }, () => dial(served.port)));
    for (const socket of sockets) {
      socket.pause();
      socket.write(send(served.port, call));
    }
    // Where nobody reads an end is not seen either; what is written is.
    const timer = setInterval(() => sockets.forEach((socket) => socket.write("\r\n")), 50);
    atEnd(() => clearInterval(timer));
    return { closed: () => sockets.filter(({ closed }) => closed).length };
  }

  /** One that posts so many requests at once, and does not read unless it is told to. */
  async function batch({ port }: Served, count: number, message: object): Promise<Socket> {
    const begun = await say(port, request(port, { body: initialize(0, "2025-03-26") }));
    const headers = [["Mcp-Session-Id", begun.headers.get("mcp-session-id") ?? ""]] as const;
    const body = JSON.stringify(Array.from({ length: count }, (_, id) => ({ id, ...message })));
    const socket = await dial(port);
    socket.pause();
    socket.write(request(port, { headers, body }));
    const timer = setInterval(() => socket.write("\r\n"), 50);
    atEnd(() => clearInterval(timer));
    return socket;
  }

  it("is given up, and what waited for it is let go", { timeout: 30_000 }, async () => {
    const served = await serveHere(YAML, { limits: { stallMs: 300, keepAliveMs: 100 } });
    const clients = await mute(served, 2);
    await poll(
      () => clients.closed() === 2,
      () => "some are still connected",
    );
    expect(await hello(served)).toMatchObject({ status: 200 });
  });

  it("is given up at once when too much lies unread, the one that read nothing for the longest time first", async () => {
    const served = await serveHere(YAML, { limits: { unreadBytes: 1_000_000 } });
    const clients = await mute(served, 3);
    await poll(
      () => clients.closed() === 2,
      () => `${clients.closed()} are closed`,
    );
    expect(await hello(served)).toMatchObject({ status: 200 });
    expect(clients.closed()).toBe(2);
  });

  it("has no more made for it than a few answers, however many a batch asks for, and one that reads gets them all", async () => {
    const commands = Array.from(
      { length: 100 },
      (_, at) => `  - { name: a${at}, description: ${"x".repeat(500)}, run: [a] }`,
    );
    const engine = await engineOf(`commands:\n${commands.join("\n")}\n`);
    let made = 0;
    const catalogue: Engine["catalogue"] = () => {
      made++;
      return engine.catalogue();
    };
    const served = await serveHere("", { engine: { ...engine, catalogue }, limits: { stallMs: 300 } });
    const deaf = await batch(served, 1000, { jsonrpc: "2.0", method: "tools/list" });
    await poll(
      () => deaf.closed,
      () => "it is still connected",
    );
    expect(made).toBeLessThan(200);
    const reading = await batch(served, 1000, { jsonrpc: "2.0", method: "tools/list" });
    let answers = 0;
    for await (const chunk of reading as AsyncIterable<Buffer>) {
      answers += chunk.toString().split("\ndata: ").length - 1;
      if (chunk.toString().endsWith("\r\n0\r\n\r\n")) break;
    }
    expect(answers).toBeGreaterThan(990);
  });

  it("is given up also where it is the only one, once more than one answer lies unread", async () => {
    const served = await serveHere(YAML, { limits: { unreadBytes: 1_000_000 } });
    const call = { jsonrpc: "2.0", method: "tools/call", params: { name: "large" } };
    const both = await batch(served, 2, call);
    await poll(
      () => both.closed,
      () => "it is still connected",
    );
    const one = await batch(served, 1, call);
    let size = 0;
    for await (const chunk of one as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (chunk.toString("latin1").endsWith("\r\n0\r\n\r\n")) break;
    }
    expect(size).toBeGreaterThan(8_000_000);
  });

  it("holds back whoever has something to tell it, until it reads or goes", async () => {
    const replies: ReturnType<typeof createReply>[] = [];
    const server = createServer((_, outgoing) =>
      replies.push(createReply(outgoing, { stallMs: 10_000, keepAliveMs: 1000, backlog: createBacklog(1e9) })),
    ).listen(0, "127.0.0.1");
    await once(server, "listening");
    atEnd(() => server.close().closeAllConnections());
    const { port } = server.address() as AddressInfo;
    const isLetGoBy = async (end: (socket: Socket) => unknown): Promise<void> => {
      const socket = await dial(port);
      socket.pause();
      socket.write(request(port, { method: "GET" }));
      await poll(
        () => replies.length > 0,
        () => "nothing came",
      );
      const reply = replies.pop();
      const stream = reply?.stream();
      let isHeld = true;
      await reply?.drained();
      for (let sent = 0; sent < 16; sent++) stream?.write("x".repeat(1024 * 1024));
      const held = reply?.drained().then(() => (isHeld = false));
      await new Promise(setImmediate);
      expect(isHeld).toBe(true);
      end(socket);
      await held;
      socket.destroy();
    };
    await isLetGoBy((socket) => socket.resume());
    await isLetGoBy((socket) => socket.destroy());
  });
});
