import { once } from "node:events";
import { text } from "node:stream/consumers";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { poll } from "../rig.ts";
import { faultOf, get, hooks, never, request, serve, serveRaw, serveText } from "./service.ts";

describe("a request", () => {
  it("arrives as it was written, and the answer as the service wrote it", async () => {
    const { url } = await serve((asked, response) => {
      response.writeHead(201, { "X-Sent": "yes", "Set-Cookie": ["a=1", "b=2"] });
      const { method, url: path, rawHeaders: raw } = asked;
      void text(asked).then((body) => response.end(JSON.stringify({ method, url: path, raw, body })));
    });
    const got = await get(
      hooks(),
      request(`${url}/a%20b?q=1#part`, {
        method: "PATCH",
        headers: [
          ["X-One", "1"],
          ["x-many", "a"],
          ["X-Many", "b"],
        ],
        body: Buffer.from("é"),
      }),
    );
    expect(got).toMatchObject({
      status: 201,
      url: `${url}/a%20b?q=1`,
      headers: { "x-sent": "yes", "set-cookie": "a=1, b=2" },
    });
    const seen = JSON.parse(got.text) as { method: string; url: string; raw: string[]; body: string };
    expect(seen).toMatchObject({ method: "PATCH", url: "/a%20b?q=1", body: "é" });
    const pairs = seen.raw.flatMap((name, index) => (index % 2 === 0 ? [[name, seen.raw[index + 1]]] : []));
    expect(pairs).toEqual(
      expect.arrayContaining([
        ["X-One", "1"],
        ["x-many", "a"],
        ["x-many", "b"],
        ["Content-Length", "2"],
        ["Accept-Encoding", "identity"],
        ["User-Agent", "mcpfier"],
        ["Host", url.slice("http://".length)],
      ]),
    );
  });

  it("is sent without a body, and with an empty one, by every method", async () => {
    const { url } = await serve((asked, response) => {
      void text(asked).then((body) =>
        response.end(`${asked.method} ${asked.headers["content-length"] ?? "-"} ${body}`),
      );
    });
    const by = hooks();
    expect((await get(by, request(url, { method: "DELETE" }))).text).toBe("DELETE - ");
    expect((await get(by, request(url, { method: "POST" }))).text).toBe("POST 0 ");
    expect((await get(by, request(url, { method: "GET", body: Buffer.from("x") }))).text).toBe("GET 1 x");
    expect(await get(by, request(url, { method: "HEAD" }))).toMatchObject({ status: 200, text: "" });
  });

  it("is refused when a value would break out of its header, and names the header alone", async () => {
    const { url, connections } = await serve((_request, response) => response.end());
    const by = hooks();
    for (const value of ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "\u0100", "a\x7fb", "a\u2028b"]) {
      const fault = await faultOf(by.send(request(url, { headers: [["X-Token", value]] }), never));
      expect(fault).toMatchObject({ kind: "refused" });
      expect(fault.message).toMatch(/X-Token/);
      expect(fault.message).not.toContain(value);
    }
    for (const name of [
      "",
      "a b",
      "a:b",
      "a\r\n",
      "é",
      "Host",
      "content-length",
      "Transfer-Encoding",
      "connection",
      "Proxy-Authorization",
      "HTTP2-Settings",
    ])
      expect([name, (await faultOf(by.send(request(url, { headers: [[name, "x"]] }), never))).kind]).toEqual([
        name,
        "refused",
      ]);
    expect(connections()).toBe(0);
  });

  it("is refused when its URL or its method is none", async () => {
    const by = hooks();
    for (const url of [
      "",
      "/a",
      "file:///etc/passwd",
      "ftp://a/",
      "http://",
      "http://u:p@127.0.0.1/",
      "http://a\n.b/",
      "http://a/ b",
      "http:\\\\a",
      "http://127.0.0.1:0/",
    ]) {
      const fault = await faultOf(by.send(request(url), never));
      expect([url, fault.kind]).toEqual([url, "refused"]);
      expect(fault.message).not.toContain("u:p");
    }
    for (const method of ["", "GET /", "CONNECT", "G\r\nX: 1"])
      expect((await faultOf(by.send(request("http://127.0.0.1/", { method }), never))).kind).toBe("refused");
  });
});

describe("a service that does not do what it should", () => {
  it("is unreachable when nothing listens, and is named without what stands behind its host", async () => {
    const { url, port } = await serve(() => undefined);
    const fault = await faultOf(hooks().send(request(`http://127.0.0.1:${await freePort()}/secret?key=secret`), never));
    expect(fault.kind).toBe("unreachable");
    expect(fault.message).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+ cannot be reached: nothing listens there \(ECONNREFUSED\)/,
    );
    expect(fault.message).not.toContain("secret");
    const name = await faultOf(hooks().send(request("http://nobody.invalid/"), never));
    expect(name.kind).toBe("unreachable");
    expect(name.message).toMatch(/no address|cannot be looked up/);
    const tls = await faultOf(hooks().send(request(url.replace("http:", "https:")), never));
    expect(tls).toMatchObject({ kind: "unreachable" });
    expect(tls.message).toMatch(/is it `http:`\?/);
    expect(port).toBeGreaterThan(0);
  });

  it("never answers: the caller's signal ends it, and the connection with it", async () => {
    const { url, standing } = await serve(() => undefined);
    const cut = new AbortController();
    const sent = hooks().send(request(url), cut.signal);
    const failed = expect(sent).rejects.toThrow("out of time");
    await poll(
      () => standing() === 1,
      () => "no connection was made",
    );
    cut.abort(new Error("out of time"));
    await failed;
    await poll(
      () => standing() === 0,
      () => "the connection stands",
    );
  });

  it("drips: the caller's signal ends the body, also when nobody reads it yet, whatever the reason is", async () => {
    const { url, standing } = await serve((_request, response) => void response.write("drip"));
    for (const reason of [new Error("enough"), "enough", undefined]) {
      const cut = new AbortController();
      const { body } = await hooks().send(request(url), cut.signal);
      cut.abort(reason);
      await poll(
        () => standing() === 0,
        () => "the connection stands",
      );
      await expect(text(body)).rejects.toBeInstanceOf(Error);
    }
  });

  it("is not asked when the signal aborted before", async () => {
    const { url, connections } = await serve((_request, response) => response.end());
    await expect(hooks().send(request(url), AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
    expect(connections()).toBe(0);
  });

  it("closes early: what came is no whole answer", async () => {
    const heads = [
      "",
      "HTTP/1.1 200 OK\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n",
      `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n${gzipSync("whole".repeat(99)).subarray(0, 20).toString("latin1")}`,
      "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nno brotli at all",
    ];
    for (const head of heads) {
      const { url } = await serveText(head);
      const fault = await faultOf(get(hooks(), request(url)));
      expect([head, fault.kind]).toEqual([head, "lost"]);
    }
  });

  it("speaks garbage, changes the protocol, or answers with a head without end", async () => {
    for (const [answer, kind] of [
      ["SSH-2.0-OpenSSH_9.2\r\n", "lost"],
      ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "lost"],
      ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "lost"],
      ["HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", "lost"],
      [`HTTP/1.1 200 OK\r\nX-Long: ${"a".repeat(70_000)}\r\n\r\n`, "oversized"],
      [`HTTP/1.1 200 OK\r\n${"X-Many: aaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(3000)}\r\n`, "oversized"],
    ] as const) {
      const { url, standing } = await serveText(answer, false);
      const fault = await faultOf(get(hooks(), request(url)));
      expect([answer.slice(0, 60), fault.kind]).toEqual([answer.slice(0, 60), kind]);
      await poll(
        () => standing() === 0,
        () => "the connection stands",
      );
    }
  });

  it("sends the head alone for ever, and the signal ends it", async () => {
    const { url, standing } = await serveRaw(
      (socket) => void socket.write("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(9)),
    );
    const cut = new AbortController();
    const sent = expect(hooks().send(request(url), cut.signal)).rejects.toThrow("enough");
    await poll(
      () => standing() === 1,
      () => "no connection was made",
    );
    cut.abort(new Error("enough"));
    await sent;
  });

  it("is slowed down when nobody reads its answer", async () => {
    let written = 0;
    const { url } = await serve((_request, response) => {
      const fill = (): void => {
        while (response.write(Buffer.alloc(65_536))) written += 65_536;
        response.once("drain", fill);
      };
      fill();
    });
    const cut = new AbortController();
    const { body } = await hooks().send(request(url), cut.signal);
    let before = -1;
    await poll(
      () => written === before || ((before = written), false),
      () => "it never stood still",
    );
    expect(written).toBeLessThan(64 * 1024 * 1024);
    body.destroy();
  });
});

describe("an answer that is compressed though it was not asked to be", () => {
  it("is read as what it holds", async () => {
    const whole = "compressed ".repeat(5000);
    const packed = {
      gzip: gzipSync(whole),
      "x-gzip": gzipSync(whole),
      deflate: deflateSync(whole),
      BR: brotliCompressSync(whole),
    };
    const both = brotliCompressSync(gzipSync(whole));
    for (const [coding, bytes] of [
      ...Object.entries(packed),
      ["gzip, br", both] as const,
      ["identity", Buffer.from(whole)] as const,
    ]) {
      const { url } = await serve((_request, response) => {
        response.writeHead(200, { "Content-Encoding": coding, "Content-Length": bytes.length });
        response.end(bytes);
      });
      const got = await get(hooks(), request(url));
      expect([coding, got.text === whole]).toEqual([coding, true]);
      if (coding !== "identity") expect(got.headers).not.toHaveProperty("content-length");
    }
  });

  it("comes as it is when its coding is not known, or when it has no body", async () => {
    const { url } = await serve((asked, response) => {
      response.writeHead(asked.url === "/none" ? 204 : 200, {
        "Content-Encoding": asked.url === "/odd" ? "zebra" : "gzip",
      });
      response.end(asked.url === "/odd" ? "stripes" : undefined);
    });
    const by = hooks();
    expect(await get(by, request(`${url}/odd`))).toMatchObject({
      text: "stripes",
      headers: { "content-encoding": "zebra" },
    });
    expect(await get(by, request(`${url}/none`))).toMatchObject({ status: 204, text: "" });
    expect(await get(by, request(url, { method: "HEAD" }))).toMatchObject({ status: 200, text: "" });
  });

  it("does not blow up: a bomb comes only as fast as it is read", async () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
    const { url, standing } = await serve((_request, response) => {
      response.writeHead(200, { "Content-Encoding": "gzip" });
      response.end(bomb);
    });
    const { body } = await hooks().send(request(url), never);
    await once(body, "readable");
    expect(body.readableLength).toBeLessThan(1024 * 1024);
    body.destroy();
    await poll(
      () => standing() === 0,
      () => "the connection stands",
    );
  });
});

describe("a client that is closed", () => {
  it("cuts what is under way, sends nothing more, and leaves no connection", async () => {
    const { url, standing } = await serve((asked, response) =>
      asked.url === "/slow" ? undefined : response.end("ok"),
    );
    const by = hooks({ perHost: 1 });
    await get(by, request(url));
    const slow = faultOf(by.send(request(`${url}/slow`), never));
    const waits = faultOf(by.send(request(url), never));
    expect(standing()).toBe(1);
    by.close();
    expect([(await slow).kind, (await waits).kind]).toEqual(["lost", "lost"]);
    expect((await faultOf(by.send(request(url), never))).kind).toBe("unreachable");
    await poll(
      () => standing() === 0,
      () => "a connection stands",
    );
  });
});

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
