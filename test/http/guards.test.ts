import { describe, expect, it } from "vitest";
import { type Served, initialize, modern, request, say, serveHere } from "./rig.ts";

const YAML = "commands:\n  - { name: hello, description: Says hello, run: [echo, hello] }\n";

type Headers = readonly (readonly [name: string, value: string])[];

async function begin(served: Served, headers: Headers = [], body = initialize()): ReturnType<typeof say> {
  return say(served.port, request(served.port, { headers, body }));
}

describe("Host and Origin", () => {
  it("are held against exact lists, on every route", async () => {
    const served = await serveHere(YAML);
    const { port } = served;
    const cases: readonly (readonly [headers: Headers, status: number])[] = [
      [[], 200],
      [[["Host", `localhost:${port}`]], 200],
      [[["Host", `LOCALHOST:${port}`]], 200],
      [[["Host", "evil.example"]], 403],
      [[["Host", "localhost"]], 403],
      [[["Host", `localhost:${port + 1}`]], 403],
      [[["Host", `127.0.0.1:${port}.evil.example`]], 403],
      [[["Host", ""]], 403],
      [[["Origin", `http://localhost:${port}`]], 200],
      [[["Origin", `http://127.0.0.1:${port}`]], 200],
      [[["Origin", `https://localhost:${port}`]], 403],
      [[["Origin", "http://localhost"]], 403],
      [[["Origin", "http://evil.example"]], 403],
      [[["Origin", `http://localhost:${port}.evil.example`]], 403],
      [[["Origin", "null"]], 403],
      [[["Origin", ""]], 403],
    ];
    for (const [headers, status] of cases) {
      expect([headers, (await begin(served, headers)).status]).toEqual([headers, status]);
      const health = request(port, { method: "GET", path: "/health", headers });
      expect([headers, (await say(port, health)).status]).toEqual([headers, status]);
    }
  });

  it("that are allowed beside are let in", async () => {
    const served = await serveHere(YAML, { hosts: ["proxy.example"], origins: ["https://app.example"] });
    expect((await begin(served, [["Host", "proxy.example"]])).status).toBe(200);
    expect((await begin(served, [["Origin", "https://app.example"]])).status).toBe(200);
    expect((await begin(served, [["Origin", "https://app.example.evil"]])).status).toBe(403);
  });
});

describe("pages of other origins", () => {
  const ASKED: Headers = [
    ["Origin", "https://app.example"],
    ["Access-Control-Request-Method", "POST"],
    ["Access-Control-Request-Headers", "content-type,mcp-session-id"],
  ];

  it("are told nothing that would let them in, unless they are allowed", async () => {
    const served = await serveHere(YAML);
    const { port } = served;
    const own = [["Origin", `http://localhost:${port}`]] as const;
    for (const said of [
      await say(port, request(port, { method: "OPTIONS", headers: ASKED })),
      await say(port, request(port, { method: "OPTIONS", headers: [...own, ...ASKED.slice(1)] })),
      await begin(served, own),
    ])
      expect([...said.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect((await say(port, request(port, { method: "OPTIONS", headers: ASKED }))).status).toBe(403);
    expect((await say(port, request(port, { method: "OPTIONS", headers: own }))).status).toBe(405);
  });

  it("that are allowed may ask, and read the answer, without credentials", async () => {
    const served = await serveHere(YAML, { origins: ["https://app.example"] });
    const asked = await say(served.port, request(served.port, { method: "OPTIONS", headers: ASKED }));
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(asked.headers.get("access-control-allow-headers")).toBe("content-type,mcp-session-id");
    const answer = await begin(served, ASKED.slice(0, 1));
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(answer.headers.get("vary")).toBe("origin");
    for (const { headers } of [asked, answer]) expect(headers.get("access-control-allow-credentials")).toBeNull();
    expect((await begin(served)).headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("what could be read in two ways", () => {
  it("such as a second header of one that counts once is refused", async () => {
    const served = await serveHere(YAML);
    const own = new Map([
      ["Host", `127.0.0.1:${served.port}`],
      ["Content-Type", "application/json"],
    ]);
    for (const [name, value] of [
      ["Host", "evil.example"],
      ["Origin", "http://evil.example"],
      ["Authorization", "Bearer b"],
      ["Content-Type", "text/plain"],
      ["Mcp-Session-Id", "b"],
      ["Mcp-Protocol-Version", "2025-06-18"],
      ["Mcp-Method", "tools/call"],
      ["mCP-nAME", "b"],
      ["Last-Event-ID", "b"],
    ] as const) {
      const said = await begin(served, [
        [name, own.get(name) ?? value],
        [name.toUpperCase(), value],
      ]);
      expect([name, said.status, said.headers.get("connection")]).toEqual([name, 400, "close"]);
    }
  });

  it("is found behind a thousand other headers, too", async () => {
    const served = await serveHere(YAML);
    const many = Array.from({ length: 1500 }, (_, at): readonly [string, string] => [`X${at}`, ""]);
    const said = await begin(served, [["Mcp-Name", "a"], ...many, ["Mcp-Name", "b"]]);
    expect(said.status).toBe(400);
  });

  it("in where a message ends is refused", async () => {
    const { port } = await serveHere(YAML);
    const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n`;
    for (const rest of [
      "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
      "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "X: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
      "X: a\nContent-Length: 2\n\n{}",
      "Content-Length : 2\r\n\r\n{}",
    ])
      expect([rest, (await say(port, head + rest)).status]).toEqual([rest, 400]);
  });

  it("in what is asked for is nothing that there is", async () => {
    const { port } = await serveHere(YAML);
    for (const path of [
      `https://127.0.0.1:${port}/mcp`,
      `http://127.0.0.1:${port}/other`,
      "//evil.example/mcp",
      "/mcp/",
      "/MCP",
      "/%6dcp",
      "/mcp/../health",
      "*",
    ])
      expect([path, (await say(port, request(port, { path, body: initialize() }))).status]).toEqual([path, 404]);
  });
});

describe("a target that names the host", () => {
  it("is served as one that does not, where that host and the header are allowed", async () => {
    const served = await serveHere(YAML);
    const { port } = served;
    const cases: readonly (readonly [path: string, status: number, headers?: Headers])[] = [
      [`http://127.0.0.1:${port}/mcp`, 200],
      [`HTTP://LocalHost:${port}/mcp?a=http://b`, 200],
      [`http://localhost:${port}`, 200],
      [`http://localhost:${port}?a`, 200],
      [`http://localhost:${port}/mcp`, 403, [["Host", "evil.example"]]],
      ["http://evil.example/mcp", 403],
      [`http://evil.example?@127.0.0.1:${port}/mcp`, 403],
      [`http://a@127.0.0.1:${port}/mcp`, 403],
      ["http:///mcp", 403],
    ];
    for (const [path, status, headers = []] of cases) {
      const said = await say(port, request(port, { path, headers, body: initialize() }));
      expect([path, said.status]).toEqual([path, status]);
    }
  });
});

describe("a body", () => {
  it("that is declared too large is refused before it comes", async () => {
    const { port } = await serveHere(YAML);
    const said = await say(port, request(port, { headers: [["Content-Length", String(4 * 1024 * 1024 + 1)]] }));
    expect(said.status).toBe(413);
  });

  it("that is sent with an announcement is waited for only when it may come", async () => {
    const { port } = await serveHere(YAML);
    const wait = ["Expect", "100-continue"] as const;
    const large = request(port, { headers: [wait, ["Content-Length", "5000000"]] });
    expect((await say(port, large)).status).toBe(413);
    const small = request(port, { headers: [wait], body: initialize() });
    expect((await say(port, small)).status).toBe(100);
  });

  it("that turns out too large is refused, and the connection is good for another", async () => {
    const { port } = await serveHere(YAML, { limits: { bodyBytes: 1000 } });
    const chunk = `200\r\n${" ".repeat(512)}\r\n`;
    const head = request(port, { headers: [["Transfer-Encoding", "chunked"]] }).replace(/Content-Length: 0\r\n/, "");
    const said = await say(port, `${head}${chunk}${chunk}0\r\n\r\n`);
    expect(said.status).toBe(413);
  });

  it("that is packed is not unpacked", async () => {
    const served = await serveHere(YAML);
    for (const coding of ["gzip", "br", "deflate", "identity, gzip"]) {
      const said = await begin(served, [["Content-Encoding", coding]]);
      expect([coding, said.status, said.headers.get("accept-encoding")]).toEqual([coding, 415, "identity"]);
    }
  });

  it("of a type that a page may send without asking is not read", async () => {
    const served = await serveHere(YAML);
    for (const type of ["text/plain", "text/plain; application/json", "application/jsonp", "multipart/form-data", ""])
      expect([type, (await begin(served, [["Content-Type", type]])).status]).toEqual([type, 415]);
  });

  it("that is no message which may come is refused in the protocol's words", async () => {
    const { url } = await serveHere(YAML);
    for (const [text, code] of [
      ["", -32600],
      ["{", -32700],
      ['{"a":"\u00FF"}', -32700],
      [`${"[".repeat(100)}${"]".repeat(100)}`, -32600],
      ['{"jsonrpc":"2.0","id":1,"method":"a","params":{"a":12345678901234567890}}', -32600],
      ['{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}', -32600],
      [`[${initialize()}]`, -32600],
      ['{"jsonrpc":"2.0","id":7,"method":"tools/list"}', -32600],
    ] as const) {
      const headers = { "content-type": "application/json", accept: "text/event-stream" };
      const said = await fetch(`${url}/mcp`, { method: "POST", headers, body: Buffer.from(text, "latin1") });
      expect([text, said.status]).toEqual([text, 400]);
      expect([text, await said.json()]).toMatchObject([text, { jsonrpc: "2.0", error: { code } }]);
    }
  });
});

describe("a message of 2026-07-28", () => {
  it("whose headers say something else than its body is refused", async () => {
    const { url } = await serveHere(YAML);
    const { headers, body } = modern(1, "tools/call", { name: "hello", arguments: {} });
    const fine = await fetch(`${url}/mcp`, { method: "POST", headers, body });
    expect([fine.status, await fine.text()]).toEqual([200, expect.stringContaining("hello")]);
    for (const other of [
      { "mcp-method": "tools/list" },
      { "mcp-name": "other" },
      { "mcp-protocol-version": "2025-06-18" },
    ]) {
      const said = await fetch(`${url}/mcp`, { method: "POST", headers: { ...headers, ...other }, body });
      expect([other, said.status]).toEqual([other, 400]);
      expect([other, await said.json()]).toMatchObject([other, { error: { code: -32020 } }]);
    }
  });

  it("that is malformed is told what is wrong with it", async () => {
    const { url } = await serveHere(YAML);
    const { headers, body } = modern(1, "tools/list", { cursor: 5 });
    const said = await (await fetch(`${url}/mcp`, { method: "POST", headers, body })).text();
    expect(said).toContain('"error":{"code":-32602,"message":"params.cursor: Invalid input: expected string');
  });

  it("of a revision that is not known is told those that are", async () => {
    const { url } = await serveHere(YAML);
    const { headers, body } = modern(1, "tools/list");
    const said = await fetch(`${url}/`, {
      method: "POST",
      headers: { ...headers, "mcp-protocol-version": "2999-01-01" },
      body: body.replaceAll("2026-07-28", "2999-01-01"),
    });
    expect([said.status, await said.text()]).toEqual([400, expect.stringContaining("2026-07-28")]);
  });
});
