import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hostsOf, readAddress } from "../../src/http/address.ts";
import { LIMITS } from "../../src/http/limits.ts";
import { atEnd, folder, mcpfier, poll } from "../rig.ts";
import { query } from "../stores/analytics.ts";
import { dial, initialize, modern } from "./rig.ts";
import { type Served, served } from "./served.ts";

const COMMANDS = `
commands:
  - { name: hello, description: Says hello, run: [echo, hello] }
  - name: wait
    description: Waits to be stopped
    shell: sh
    run: touch "$arg_file"; exec sleep 1000
    params: { file: { type: string, required: true } }
`;

async function endOf({ child }: Served): Promise<number | null> {
  if (child.exitCode === null) await once(child, "exit");
  return child.exitCode;
}

function post(url: string, { headers, body }: ReturnType<typeof modern>): Promise<Response> {
  return fetch(`${url}/mcp`, { method: "POST", headers, body });
}

describe("mcpfier serve --http", () => {
  it("serves until SIGTERM, which cancels what runs and keeps nobody, and exits with 0", async () => {
    const cwd = folder({ "mcpfier.yaml": COMMANDS });
    const server = await served(["serve", "--http", "0"], { cwd });
    const { url } = server;
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: "ok" });
    const file = join(cwd, "begun");
    const call = { name: "wait", arguments: { file } };
    const told = modern(3, "tools/call", {
      name: "wait",
      arguments: { file: `${file}.too` },
      _meta: { progressToken: 1, "io.modelcontextprotocol/logLevel": "info" },
    });
    const running = post(url, modern(1, "tools/call", call));
    const telling = post(url, told);
    const listening = post(url, modern(2, "subscriptions/listen", { notifications: { toolsListChanged: true } }));
    const silent = await dial(Number(new URL(url).port));
    await poll(
      () => existsSync(file) && existsSync(`${file}.too`),
      () => "the calls do not begin",
    );
    await listening;
    server.child.kill("SIGTERM");
    expect(await (await running).text()).toContain('"outcome":"cancelled"');
    expect(await (await telling).text()).toContain('"outcome":"cancelled"');
    expect(await (await listening).text()).toContain('"id":2');
    expect(await endOf(server)).toBe(0);
    await poll(
      () => silent.closed,
      () => "a connection is still open",
    );
    await expect(fetch(`${url}/health`)).rejects.toThrow("fetch failed");
  });

  it("ends at once at a second signal", async () => {
    const cwd = folder({
      "mcpfier.yaml": `${COMMANDS}  - { name: deaf, description: Ignores signals, shell: sh, run: "trap '' TERM; touch begun; while :; do sleep 1; done" }\n`,
    });
    const server = await served(["serve", "--http", "localhost:0"], { cwd });
    const call = post(server.url, modern(1, "tools/call", { name: "deaf", arguments: {} })).catch(() => undefined);
    await poll(
      () => existsSync(join(cwd, "begun")),
      () => "the call does not begin",
    );
    server.child.kill("SIGTERM");
    const isOpen = (): Promise<boolean> => fetch(`${server.url}/health`).then(Boolean, () => false);
    for (const deadline = Date.now() + 10_000; (await isOpen()) && Date.now() < deadline;);
    server.child.kill("SIGINT");
    expect(await endOf(server)).toBe(1);
    await call;
  });

  it("listens where nobody else can reach it, and says why not elsewhere", async () => {
    const cwd = folder({ "mcpfier.yaml": COMMANDS });
    const { code, stderr } = await mcpfier(["serve", "--http", "0.0.0.0:1"], { cwd });
    expect(code).toBe(78);
    expect(stderr).toContain("there is no authentication yet");
    for (const text of ["0.0.0.0:1", "[::]:1", "192.168.1.1:80", "example.org:80", ":80", "127.0.0.1.evil.example:80"])
      expect([text, readAddress(text)]).toEqual([
        text,
        expect.stringContaining("not an address of this machine alone"),
      ]);
    for (const text of ["", "http", "::1:80", "65536", "1.5", "127.0.0.1:", "127.0.0.1:80:80"])
      expect([text, readAddress(text)]).toEqual([text, expect.stringContaining("expected [host:]port")]);
    expect(["80", "localhost:80", "[::1]:80", "127.9.9.9:80"].map(readAddress)).toEqual(
      ["127.0.0.1", "127.0.0.1", "::1", "127.9.9.9"].map((host) => ({ host, port: 80 })),
    );
    expect(hostsOf({ host: "::1", port: 80 })).toEqual(["[::1]:80", "[::1]", "localhost:80", "localhost"]);
  });

  it("holds streams for a second at least", async () => {
    for (const text of ["500ms", "soon"]) {
      const { code, stderr } = await mcpfier(["serve", "--http", "0", "--hold", text]);
      expect([text, code, stderr]).toEqual([text, 2, expect.stringContaining("expected a duration of at least 1s")]);
    }
  });

  it("says so when another program listens there", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    atEnd(() => other.close());
    const { port } = other.address() as AddressInfo;
    const cwd = folder({ "mcpfier.yaml": COMMANDS });
    const { code, stderr } = await mcpfier(["serve", "--http", String(port)], { cwd });
    expect([code, stderr]).toEqual([69, expect.stringContaining("another program listens there already")]);
  });

  it("records each request in the analytics, and its call with it", async () => {
    const cwd = folder({ "mcpfier.yaml": `${COMMANDS}analytics: { enabled: true, database_path: calls.db }\n` });
    const server = await served(["serve", "--http", "0"], { cwd });
    await (await fetch(`${server.url}/health?secret=1`, { headers: { "user-agent": "watcher/1" } })).text();
    await (await fetch(`${server.url}/nothing`)).text();
    await (await post(server.url, modern(1, "tools/call", { name: "hello", arguments: {} }))).text();
    const begun = await fetch(server.url, { method: "POST", headers: modern(1, "a").headers, body: initialize() });
    expect(begun.status).toBe(400);
    const listen = modern(2, "subscriptions/listen", { notifications: { toolsListChanged: true } });
    const listening = await post(server.url, listen);
    server.child.kill("SIGTERM");
    await listening.text();
    expect(await endOf(server)).toBe(0);
    const path = join(cwd, "calls.db");
    const rows = query(path, "SELECT * FROM http_events ORDER BY id");
    expect(rows.map((row) => [row["method"], row["path"], row["status_code"], row["outcome"]])).toEqual([
      ["GET", "/health", 200, null],
      ["GET", "/nothing", 404, null],
      ["POST", "/mcp", 200, "completed"],
      ["POST", "/", 400, null],
      ["POST", "/mcp", 200, null],
    ]);
    const [call] = query(path, "SELECT * FROM events");
    expect(rows[2]).toMatchObject({ call_id: call?.["call_id"], caller: "http", session_id: call?.["session_id"] });
    expect(rows[0]).toMatchObject({
      user_agent: "watcher/1",
      client_ip: "127.0.0.1",
      auth_method: "none",
      auth_success: null,
    });
    expect(Number(rows[2]?.["response_size"])).toBeGreaterThan(100);
  });
});

describe("mcpfier --server", () => {
  it("listens where the file of the original says", async () => {
    const cwd = folder({ "config.yaml": `${COMMANDS}server: { http: { enabled: true, host: localhost, port: 0 } }\n` });
    const { url } = await served(["--server"], { cwd });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it.each([
    ["is open to others", "host: 0.0.0.0, port: 8080", "there is no authentication yet"],
    ["asks for authentication", "port: 0, auth: { enabled: true, mode: simple }", "prove who they are"],
    ["is none", "port: eighty", "expected [host:]port"],
  ])("does not listen at what %s", async (_, http, message) => {
    const cwd = folder({ "config.yaml": `${COMMANDS}server: { http: { ${http} } }\n` });
    const { code, stderr } = await mcpfier(["-c", "config.yaml", "--server"], { cwd });
    expect([code, stderr]).toEqual([78, expect.stringContaining(message)]);
  });
});

it("docs/http.md has the limits that the code has", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/http.md"), "utf8");
  const { connections, exchanges, sessions, subscriptions, bodyBytes, bodiesBytes, unreadBytes, headerBytes } = LIMITS;
  const { headersMs, requestMs, stallMs, keepAliveMs, idleMs, yieldMs } = LIMITS;
  const { keptStreams, keptCharacters, readStreams } = LIMITS;
  expect(sessions).toBe(subscriptions);
  expect([stallMs / 1000, yieldMs]).toEqual([30, 60_000]);
  for (const text of [
    `| ${connections.toLocaleString("en-US")};`,
    `| ${exchanges} |`,
    `| ${sessions} each |`,
    `| ${bodyBytes / 1024 ** 2} MiB; ${bodiesBytes / 1024 ** 2} MiB |`,
    `| ${unreadBytes / 1024 ** 2} MiB; beyond`,
    `| ${headerBytes / 1024} KiB |`,
    `| ${headersMs / 1000} s; ${requestMs / 1000} s (408) |`,
    `after ${stallMs / 1000} s;`,
    `after ${keepAliveMs / 1000} s of silence`,
    `| ${idleMs / 60_000} minutes |`,
    `| ${keptStreams.toLocaleString("en-US")} with ${keptCharacters / 1024 ** 2} MiB together; those that were read (${readStreams}) go first |`,
  ])
    expect(page).toContain(text);
});
