import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { type Socket, connect, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { docker, engineHost } from "../engines.ts";
import { atEnd, folder, poll } from "../rig.ts";
import { type Proxy, createProxy } from "./proxy.ts";

const engine = await engineHost();

function proxyOf(): Proxy {
  const proxy = createProxy(engine);
  atEnd(() => proxy.close());
  return proxy;
}

const ask = (proxy: Proxy, path: string, options: { method?: string; headers?: Record<string, string> } = {}) =>
  request({ socketPath: proxy.host.replace("unix://", ""), path, agent: false, ...options });

/** The body of an answer; rejects when it was broken off. */
async function body(proxy: Proxy, path: string): Promise<string> {
  const asked = ask(proxy, path).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return (await answer.setEncoding("utf8").toArray()).join("");
}

/** A container of `cat`, started, and the hijacked stream of its stdin and output. */
async function attached(proxy: Proxy, ...command: string[]): Promise<{ id: string; stream: Socket; head: Buffer }> {
  const id = await docker(engine, "create", "--interactive", "--network=none", "mcpfier/busybox:test", ...command);
  atEnd(() => docker(engine, "rm", "--force", id));
  const asked = ask(proxy, `/containers/${id}/attach?stream=1&stdin=1&stdout=1`, {
    method: "POST",
    headers: { Connection: "Upgrade", Upgrade: "tcp" },
  }).end();
  const [, stream, head] = (await once(asked, "upgrade")) as [IncomingMessage, Socket, Buffer];
  atEnd(() => stream.destroy());
  stream.on("error", () => undefined);
  await docker(engine, "start", id);
  return { id, stream, head };
}

/** What a multiplexed stream carried. */
function payload(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8 + bytes.readUInt32BE(at + 4))
    parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at + 4)));
  return Buffer.concat(parts);
}

/** Waits for the end of a stream, be it an error or not. */
function closed(stream: Socket): Promise<void> {
  return new Promise((done) => stream.resume().once("close", () => done()));
}

const digest = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

describe("a fault proxy", () => {
  it("changes nothing in good weather", async () => {
    const proxy = proxyOf();
    expect(await body(proxy, "/_ping")).toBe("OK");
    expect(await docker(proxy.host, "run", "--rm", "mcpfier/busybox:test", "echo", "hi")).toBe("hi");
    expect(proxy.count(/\/_ping /)).toBeGreaterThan(0);
    expect(proxy.count(/^POST .*\/attach/)).toBe(1);
    await poll(
      () => proxy.open() === 0,
      () => `${proxy.open()} connections are open`,
    );
  });

  it("passes the end of stdin on, and then the rest of the output", async () => {
    const sent = randomBytes(3_000_000);
    const { stream, head } = await attached(proxyOf(), "cat");
    stream.end(sent);
    const got = Buffer.concat([head, ...((await stream.toArray()) as Buffer[])]);
    expect(digest(payload(got))).toBe(digest(sent));
  });

  it("cuts those that match, and no others", async () => {
    const proxy = proxyOf();
    const { id, stream } = await attached(proxy, "cat");
    const waiting = ask(proxy, `/containers/${id}/wait`, { method: "POST" }).end();
    await once(waiting, "response");
    proxy.cut(/\/attach/);
    await closed(stream);
    expect(proxy.open()).toBe(1);
    const cut = once(waiting, "close");
    proxy.cut();
    await cut;
    expect(await body(proxy, "/_ping")).toBe("OK");
  });

  it("freezes and thaws; nothing is lost", async () => {
    const proxy = proxyOf();
    proxy.freeze(/\/info/);
    let isThere = false;
    const info = body(proxy, "/info").then((text) => ((isThere = true), text));
    expect(await body(proxy, "/_ping")).toBe("OK");
    expect(proxy.count(/\/info/)).toBe(1);
    expect(isThere).toBe(false);
    proxy.thaw();
    expect(JSON.parse(await info)).toHaveProperty("ServerVersion");
  });

  it("freezes a stream in the midst, and a close ends what is frozen", async () => {
    const proxy = proxyOf();
    const { stream } = await attached(proxy, "cat");
    stream.write("one");
    await once(stream, "data");
    proxy.freeze();
    stream.write("two");
    const ending = closed(stream);
    proxy.close();
    await ending;
    expect(existsSync(proxy.host.replace("unix://", ""))).toBe(false);
  });

  it("is late by what it was told", async () => {
    const proxy = proxyOf();
    proxy.delay(300);
    const began = performance.now();
    expect(await body(proxy, "/_ping")).toBe("OK");
    // Timers may come a little early by this clock.
    expect(performance.now() - began).toBeGreaterThan(590);
  });

  it("passes late what came with the end", async () => {
    const path = join(folder(), "socket");
    const answering = createServer({ allowHalfOpen: true }, (socket) => {
      socket.resume().once("end", () => socket.end("the rest"));
    }).listen(path);
    atEnd(() => new Promise((done) => void answering.close(done)));
    const proxy = createProxy(`unix://${path}`);
    atEnd(() => proxy.close());
    proxy.delay(100);
    const client = connect({ path: proxy.host.replace("unix://", ""), allowHalfOpen: true });
    client.end("asked");
    expect(Buffer.concat((await client.toArray()) as Buffer[]).toString()).toBe("the rest");
    await poll(
      () => proxy.open() === 0,
      () => `${proxy.open()} connections are open`,
    );
  });

  it("refuses everybody, or some requests before the engine sees them", async () => {
    const proxy = proxyOf();
    proxy.refuse();
    await expect(body(proxy, "/_ping")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    proxy.mend();
    expect(await body(proxy, "/_ping")).toBe("OK");
    const name = `proxy-${crypto.randomUUID()}`;
    proxy.refuse(/\/containers\/create/);
    await expect(docker(proxy.host, "create", "--name", name, "mcpfier/busybox:test")).rejects.toThrow();
    expect(await docker(engine, "ps", "--all", "--quiet", "--filter", `name=${name}`)).toBe("");
    expect(await body(proxy, "/_ping")).toBe("OK");
  });

  it("has the engine do what is asked, and loses the answer", async () => {
    const proxy = proxyOf();
    const name = `proxy-${crypto.randomUUID()}`;
    atEnd(() => docker(engine, "rm", "--force", name));
    proxy.lose(/\/containers\/create/);
    await expect(docker(proxy.host, "create", "--name", name, "mcpfier/busybox:test")).rejects.toThrow();
    expect(await docker(engine, "ps", "--all", "--format", "{{.Names}}", "--filter", `name=${name}`)).toBe(name);
    expect(proxy.requests().at(-1)).toContain(`/containers/create?name=${name}`);
    expect(proxy.met()).toBeGreaterThan(0);
    proxy.mend();
    expect(await body(proxy, "/_ping")).toBe("OK");
  });

  it("passes exactly as many bytes as it was told", async () => {
    const proxy = proxyOf();
    proxy.cutAfter(11, /\/attach/);
    const { stream, head } = await attached(proxy, "cat");
    stream.write("hello world");
    const got = Buffer.concat([head, ...((await stream.toArray()) as Buffer[])]);
    expect(got.readUInt32BE(4)).toBe(11);
    expect(got.subarray(8).toString()).toBe("hel");
    expect(await body(proxy, "/_ping")).toBe("OK");
    proxy.cutAfter(1, /\/_ping/);
    await expect(body(proxy, "/_ping")).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});
