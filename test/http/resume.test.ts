import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { Client as ClientTwo, StreamableHTTPClientTransport as TransportTwo } from "@modelcontextprotocol/client";
import { Client as ClientOne } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportOne } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect, it } from "vitest";
import { atEnd, folder, poll } from "../rig.ts";
import { type Served, dial, initialize, serveHere } from "./rig.ts";

const YAML = `
commands:
  - { name: hello, description: Says hello, run: [echo, "hello \${{ to }}"], params: { to: { type: string, required: true } } }
  - name: wait
    description: Tells how far it is, and waits for a file
    shell: sh
    run: |
      touch "$arg_file.begun"
      until [ -e "$arg_file" ]; do sleep 0.02; done
      i=0; while [ "$i" -lt "$arg_lines" ]; do i=$((i + 1)); echo "line $i of $arg_secret" >&2; done
      echo "result of $arg_secret"
    params:
      file: { type: string, required: true }
      secret: { type: string, required: true }
      lines: { type: integer, default: 1 }
  - name: much
    description: Prints what is too large to be kept
    effect: read
    shell: sh
    run: head -c 9000000 /dev/zero | tr '\\0' 'x'
    output: { max: 16MiB }
  - name: large
    description: Prints much that is kept
    shell: sh
    run: head -c 8000000 /dev/zero | tr '\\0' 'x'
    output: { max: 16MiB }
prompts:
  - { name: much, description: As the command, messages: [{ command: much }] }
`;

const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

interface Session {
  readonly headers: Readonly<Record<string, string>>;
  post(message: unknown): Promise<Heard>;
  get(lastEvent?: string): Promise<Heard>;
}

/** A stream as far as it was heard. */
interface Heard {
  readonly status: number;
  text(): string;
  /** Resolves when it holds this, or gives all of it when it is over. */
  until(part: string): Promise<string>;
  whole(): Promise<string>;
  leave(): void;
}

async function hear(url: string, init: RequestInit): Promise<Heard> {
  const stop = new AbortController();
  atEnd(() => stop.abort());
  const response = await fetch(url, { ...init, signal: stop.signal });
  let all = "";
  const over = (async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) all += chunk;
  })().catch(() => undefined);
  return {
    status: response.status,
    text: () => all,
    until: async (part) => {
      await poll(
        () => all.includes(part),
        () => `expected ${part}, came ${all}`,
      );
      return all;
    },
    whole: async () => {
      await over;
      return all;
    },
    leave: () => stop.abort(),
  };
}

async function open({ url }: Served, revision = "2025-11-25"): Promise<Session> {
  const begun = await fetch(url, { method: "POST", headers: HEADERS, body: initialize("begin", revision) });
  const headers = { ...HEADERS, "mcp-session-id": begun.headers.get("mcp-session-id") ?? "" };
  await begun.arrayBuffer();
  return {
    headers,
    post: (message) => hear(url, { method: "POST", headers, body: JSON.stringify(message) }),
    get: (last) => hear(url, { headers: { ...headers, ...(last === undefined ? {} : { "last-event-id": last }) } }),
  };
}

function call(id: number, name: string, args: object = {}): object {
  const params = { name, arguments: args, _meta: { progressToken: id } };
  return { jsonrpc: "2.0", id, method: "tools/call", params };
}

/** A call of `wait` that runs; `go` lets it end. */
async function begin(session: Session, id: number, more: object = {}) {
  const file = join(folder(), "go");
  const heard = await session.post(call(id, "wait", { file, secret: `canary-${id}`, ...more }));
  await poll(
    () => existsSync(`${file}.begun`),
    () => "it does not begin",
  );
  return { heard, go: () => writeFileSync(file, "") };
}

function idsIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/^id: (.*)$/gm), ([, id]) => id ?? "");
}

/** Asks for an event stream, and reads nothing of it but its headers. */
async function neverRead({ port }: Served, headers: Readonly<Record<string, string>>): Promise<Socket> {
  const socket = await dial(port);
  const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`GET /mcp HTTP/1.1\r\n${lines.join("")}connection: close\r\n\r\n`);
  await once(socket, "readable");
  return socket;
}

/** Bytes until its end. */
async function lengthOf(socket: Socket): Promise<number> {
  let length = 0;
  socket.on("data", (chunk: Buffer) => (length += chunk.length));
  await new Promise((resolve) => void socket.once("close", resolve));
  return length;
}

const priming = /^id: ([0-9a-f]+-0)\ndata:\n\n/;

describe("a stream of a session", () => {
  it("is taken up where its connection was lost, with the result of the call", async () => {
    const session = await open(await serveHere(YAML));
    const { heard, go } = await begin(session, 1);
    const [, first = ""] = priming.exec(await heard.until("data:")) ?? [];
    heard.leave();
    go();
    const again = await session.get(first);
    const all = await again.whole();
    expect(all).toContain('"text":"result of canary-1\\n"');
    // What it has seen is not said twice, and nobody comes back for what is over.
    const last = idsIn(all).at(-1) ?? "";
    expect((await session.get(last)).status).toBe(204);
    expect((await session.get(first)).status).toBe(200);
  });

  it("goes on where the client is, and leaves the connection before it", async () => {
    const session = await open(await serveHere(YAML));
    const { heard, go } = await begin(session, 1);
    const [first = ""] = idsIn(await heard.until("data:"));
    const again = await session.get(first);
    expect(await heard.whole()).not.toContain("result of");
    go();
    expect(await again.whole()).toContain("result of canary-1");
  });

  it("is heard by nobody who knows an event of it but is of another session, or waits for another", async () => {
    const served = await serveHere(YAML);
    const [mine, other] = [await open(served), await open(served)];
    const [one, two] = [await begin(mine, 1), await begin(mine, 2)];
    const [first = ""] = idsIn(await one.heard.until("data:"));
    const [second = ""] = idsIn(await two.heard.until("data:"));
    one.heard.leave();
    for (const event of [first, "x", "-", `${first}9999999999999999`, "0".repeat(12)])
      expect([event, (await other.get(event)).status]).toEqual([event, 410]);
    one.go();
    two.go();
    expect(await (await mine.get(first)).whole()).not.toContain("canary-2");
    expect(await two.heard.whole()).not.toContain("canary-1");
    expect(await (await mine.get(second)).whole()).not.toContain("canary-1");
  });

  it("has no event without data for clients that do not know of it, and is taken up all the same", async () => {
    const session = await open(await serveHere(YAML), "2025-06-18");
    const whole = await (await session.post(call(1, "hello", { to: "you" }))).whole();
    expect(whole).not.toMatch(/^data:$|^retry/m);
    const [last = ""] = idsIn(whole);
    expect(await (await session.get(last.replace(/\d+$/, "0"))).whole()).toContain("hello you");
  });

  it("that is cancelled is over, and says nothing more", async () => {
    const session = await open(await serveHere(YAML));
    const { heard } = await begin(session, 1);
    const [first = ""] = idsIn(await heard.until("data:"));
    await session.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    await heard.whole();
    expect((await session.get(first)).status).toBe(204);
  });

  it("keeps the newest of what is told, says how much is left out, and never leaves out the answer", async () => {
    const session = await open(await serveHere(YAML));
    await session.post({ jsonrpc: "2.0", id: 8, method: "logging/setLevel", params: { level: "info" } });
    const { heard, go } = await begin(session, 1, { lines: 400 });
    const [first = ""] = idsIn(await heard.until("data:"));
    heard.leave();
    go();
    await (await session.get(first)).until("result of");
    const all = await (await session.get(first)).whole();
    expect(Number(/^: (\d+) messages are left out/m.exec(all)?.[1])).toBeGreaterThan(200);
    expect(idsIn(all).length).toBeLessThanOrEqual(102);
    expect(all).toContain("result of canary-1");
  });

  it("tells whoever comes back that an answer was too long to be kept", async () => {
    const session = await open(await serveHere(YAML));
    const whole = await (await session.post(call(1, "much"))).whole();
    expect(whole.length).toBeGreaterThan(9_000_000);
    const again = await (await session.get(idsIn(whole)[0])).whole();
    expect(again).toContain('"id":1,"error":{"code":-32603,"message":"the connection was lost');
    const [, id = "none"] = /"mcpfier\/call":\{[^}]*"id":"([^"]+)"/.exec(whole) ?? [];
    expect(again).toContain(`the call ${id} has been made`);
    const read = await session.post({ jsonrpc: "2.0", id: 2, method: "prompts/get", params: { name: "much" } });
    const prompt = await (await session.get(idsIn(await read.whole())[0])).whole();
    expect(prompt).toContain('"id":2,"error":{"code":-32603,"message":"the connection was lost');
    expect(prompt).not.toMatch(/the call|record/);
  });

  it("has one connection at a time, and what others left unread is let go, also when it is over", async () => {
    const served = await serveHere(YAML);
    const session = await open(served);
    const whole = await (await session.post(call(1, "large"))).whole();
    const [first = ""] = idsIn(whole);
    const unread: Socket[] = [];
    for (let at = 0; at < 3; at++) unread.push(await neverRead(served, { ...session.headers, "last-event-id": first }));
    const read = await Promise.all(unread.map(lengthOf));
    expect(read.map((length) => length > whole.length)).toEqual([false, false, true]);
  });

  it("is not taken up after an event that there was not, nor after two", async () => {
    const session = await open(await serveHere(YAML));
    const whole = await (await session.post(call(1, "hello", { to: "you" }))).whole();
    const last = idsIn(whole).at(-1) ?? "";
    expect((await session.get(last.replace(/\d+$/, "9"))).status).toBe(410);
    expect((await session.get(last)).status).toBe(204);
  });

  it("that is over gives way to others, those that were read first", async () => {
    const limits = { readStreams: 1, keptStreams: 2 };
    const session = await open(await serveHere(YAML, { limits }));
    const lost = await begin(session, 1);
    const [first = ""] = idsIn(await lost.heard.until("data:"));
    lost.heard.leave();
    lost.go();
    await (await session.get(first)).until("result of");
    const events: string[] = [];
    for (const id of [2, 3]) {
      const text = await (await session.post(call(id, "hello", { to: "you" }))).whole();
      events.push(idsIn(text)[0] ?? "");
    }
    const found = await Promise.all([first, ...events].map((event) => session.get(event)));
    expect(found.map(({ status }) => status)).toEqual([410, 410, 200]);
  });

  it("is let go after a time, to clients that come back", async () => {
    const served = await serveHere(YAML, { limits: { holdMs: 100 } });
    const [session, older] = [await open(served), await open(served, "2025-06-18")];
    const { heard, go } = await begin(session, 1);
    const whole = await heard.whole();
    expect(whole).toMatch(/retry: \d+\n\n$/);
    const held = await begin(older, 1);
    go();
    let last = whole;
    while (!last.includes("result of canary-1")) last = await (await session.get(idsIn(last).at(-1))).whole();
    held.go();
    expect(await held.heard.whole()).toContain("result of canary-1");
  });
});

const INFO = { name: "t", version: "1" };

/** The official clients, which know of a stream that is closed early. */
const CLIENTS: Readonly<
  Record<string, (url: URL, by: typeof fetch) => Promise<Pick<ClientTwo, "callTool" | "listTools">>>
> = {
  "SDK 1": async (url, by) => {
    const client = new ClientOne(INFO);
    atEnd(() => client.close());
    await client.connect(new TransportOne(url, { fetch: by }));
    return client as Pick<ClientTwo, "callTool" | "listTools">;
  },
  "SDK 2": async (url, by) => {
    const client = new ClientTwo(INFO, { versionNegotiation: { mode: "legacy" } });
    atEnd(() => client.close());
    await client.connect(new TransportTwo(url, { fetch: by }));
    return client;
  },
};

it.each(Object.keys(CLIENTS))("%s comes back for the result of a call again and again", async (name) => {
  const { url } = await serveHere(YAML, { limits: { holdMs: 50 } });
  const returns: string[] = [];
  const client = await CLIENTS[name]?.(new URL(`${url}/mcp`), (input, init) => {
    const [stream] = new Headers(init?.headers).get("last-event-id")?.split("-") ?? [];
    if (stream !== undefined) returns.push(stream);
    return fetch(input, init);
  });
  const file = join(folder(), "go");
  const result = client?.callTool({ name: "wait", arguments: { file, secret: name } });
  await poll(
    () => existsSync(`${file}.begun`),
    () => "it does not begin",
  );
  // That of the call, and that of what is no answer.
  await poll(
    () => new Set(returns).size === 2 && returns.length > 4,
    () => `it came back to ${returns.join()}`,
  );
  writeFileSync(file, "");
  expect(await result).toMatchObject({ content: [{ text: `result of ${name}\n` }] });
});

it.each(Object.keys(CLIENTS))("%s gets the result of a call whose connection broke", async (name) => {
  const { url } = await serveHere(YAML);
  const cut = new AbortController();
  let isHeard = false;
  const client = await CLIENTS[name]?.(new URL(`${url}/mcp`), async (input, init) => {
    if (!JSON.stringify(init?.body ?? "").includes("tools/call")) return fetch(input, init);
    const response = await fetch(input, { ...init, signal: cut.signal });
    const hearing = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        controller.enqueue(chunk);
        isHeard = true;
      },
    });
    return new Response(response.body?.pipeThrough(hearing) ?? null, response);
  });
  const file = join(folder(), "go");
  const result = client?.callTool({ name: "wait", arguments: { file, secret: name } });
  await poll(
    () => isHeard && existsSync(`${file}.begun`),
    () => "it does not begin",
  );
  cut.abort();
  writeFileSync(file, "");
  expect(await result).toMatchObject({ content: [{ text: `result of ${name}\n` }] });
});
