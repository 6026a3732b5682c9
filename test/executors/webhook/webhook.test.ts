import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine.ts";
import type { CallRequest } from "../../../src/request.ts";
import { toResult } from "../../../src/mcp/translate.ts";
import { callFacts } from "../../../src/pipeline/facts.ts";
import { shownPlanned } from "../../../src/pipeline/planned.ts";
import type { Outcome } from "../../../src/pipeline/call.ts";
import { folder, mcpfier, poll } from "../../rig.ts";
import { type Service, engineWith, serve, shownOf, textOf } from "./service.ts";

/** Calls the tool `t`. */
function call(engine: Engine, request: Partial<CallRequest> = {}): Promise<Outcome> {
  return engine.call({ tool: "t", arguments: {}, ...request });
}

/** Answers with a status that stands in the path, as text. */
function statuses(): Promise<Service> {
  return serve(({ path }, response) => {
    response.writeHead(Number(path.slice(1)), { "Content-Type": "text/plain", "Set-Cookie": "a=b", ETag: '"1"' });
    response.end(`said ${path}\n`);
  });
}

describe("how it ends", () => {
  it("a status among `ok_status` is completed with exit code 0, any other failed with 22, and both are told", async () => {
    const { url } = await statuses();
    const engine = await engineWith({
      ok: { webhook: { url: `${url}/201` } },
      t: { webhook: { url: `${url}/404` } },
      fine: { webhook: { url: `${url}/404`, ok_status: ["2xx", 404] } },
      odd: { webhook: { url: `${url}/200`, ok_status: ["201-299"] } },
      empty: { webhook: { url: `${url}/204` } },
    });
    const ok = await engine.call({ tool: "ok", arguments: {} });
    expect(ok).toMatchObject({ kind: "completed", exitCode: 0, executor: "webhook" });
    expect(callFacts(ok)).toMatchObject({
      outcome: "completed",
      status: 201,
      headers: { "content-type": "text/plain", etag: '"1"' },
      attempt: 1,
    });
    expect(shownOf(ok)).toBe("said /201\n");
    const failed = await call(engine);
    expect(failed).toMatchObject({ kind: "failed", exitCode: 22 });
    expect(shownOf(failed)).toBe("failed: HTTP 404 Not Found\n\nstdout:\nsaid /404");
    expect(JSON.stringify(callFacts(failed))).not.toContain("cookie");
    expect(await engine.call({ tool: "fine", arguments: {} })).toMatchObject({ kind: "completed", exitCode: 0 });
    expect(await engine.call({ tool: "odd", arguments: {} })).toMatchObject({ kind: "failed", exitCode: 22 });
    expect(shownOf(await engine.call({ tool: "empty", arguments: {} }))).toBe("(HTTP 204 No Content, without a body)");
  });

  it("a service that is down is a refusal with its own code, and `mcpfier run` tells it", async () => {
    const service = await statuses();
    await service.close();
    const engine = await engineWith({ t: { webhook: { url: `${service.url}/200`, method: "POST" } } });
    const outcome = await call(engine);
    expect(outcome).toMatchObject({ kind: "refused", code: "webhook.unreachable" });
    expect(outcome).toHaveProperty("problems.0", expect.stringMatching(/ECONNREFUSED.*\(nothing was sent\)$/));
  });

  it("an address that is not open to it is refused, and the service sees nothing", async () => {
    const service = await statuses();
    const engine = await engineWith({ t: { webhook: { url: `${service.url}/200`, allow_private: false } } });
    expect(await call(engine)).toMatchObject({ kind: "refused", code: "webhook.forbidden" });
    expect(service.asked).toEqual([]);
    expect(service.open()).toBe(0);
  });

  it("a connection that is lost leaves a GET failed, and a POST unknown", async () => {
    const { url } = await serve((_asked, _response, socket) => socket.destroy());
    const engine = await engineWith({
      get: { webhook: { url } },
      post: { webhook: { url, method: "POST" } },
      again: { idempotent: true, webhook: { url, method: "POST" } },
    });
    const get = await engine.call({ tool: "get", arguments: {} });
    expect(get).toMatchObject({ kind: "failed", exitCode: 56 });
    expect(shownOf(get)).toMatch(/^failed: no whole answer\n\nstderr:\n.*lost/);
    const post = await engine.call({ tool: "post", arguments: {} });
    expect(post).toMatchObject({ kind: "unknown", exitCode: null });
    expect(shownOf(post)).toMatch(/^unknown: .*lost.*check that before you call it again/);
    expect(await engine.call({ tool: "again", arguments: {} })).toMatchObject({ kind: "failed", exitCode: 56 });
  });

  it("a body that breaks off is no success", async () => {
    const { url } = await serve((_asked, response, socket) => {
      response.writeHead(200, { "Content-Length": "100", "Content-Type": "application/json" });
      response.write('{"a": 1', () => socket.destroy());
    });
    const engine = await engineWith({ t: { webhook: { url } }, post: { webhook: { url, body: {} } } });
    expect(await call(engine)).toMatchObject({ kind: "failed", exitCode: 56, stdout: { bytes: 7 } });
    expect(await engine.call({ tool: "post", arguments: {} })).toMatchObject({
      kind: "unknown",
      answer: { status: 200 },
    });
  });

  it("a redirect is followed to its hosts only, without the credentials", async () => {
    const target = await serve((_asked, response) => response.end("there\n"));
    const { url } = await serve((_asked, response) => response.writeHead(302, { Location: `${target.url}/x` }).end());
    const webhook = { url, auth: { type: "api_key", key: "k-e-y-1", header: "X-Key" } };
    const engine = await engineWith({
      t: { webhook },
      led: { webhook: { ...webhook, hosts: [new URL(target.url).host] } },
    });
    const stray = await call(engine);
    expect(stray).toMatchObject({ kind: "failed", exitCode: 47 });
    expect(shownOf(stray)).toContain("`hosts`");
    expect(target.asked).toEqual([]);
    expect(textOf(await engine.call({ tool: "led", arguments: {} }))).toBe("there\n");
    expect(target.asked[0]?.headers).not.toHaveProperty("x-key");
  });

  it("a redirect to another origin takes no header along that holds a secret, and no body that does", async () => {
    const there = await serve((_asked, response) => response.end("there\n"));
    const target = there.url.replace("127.0.0.1", "localhost");
    const { url } = await serve(({ path }, response) => {
      response.writeHead(path === "/body" ? 307 : 302, { Location: target }).end();
    });
    const secret = { type: "string", secret: true, required: true };
    const hook = { url, method: "POST", hosts: ["localhost"], allow_private: ["127.0.0.1", "localhost"] };
    const headers = { "X-One": "key=${{ key }}", "X-Two": "${{ plain }}" };
    const engine = await engineWith({
      t: { params: { key: secret, plain: { type: "string" } }, webhook: { ...hook, headers } },
      body: { params: { key: secret }, webhook: { ...hook, url: `${url}/body`, body: { a: ["${{ key }}"] } } },
      plain: { params: { key: secret }, webhook: { ...hook, url: `${url}/body`, body: { a: ["plain"] } } },
    });
    const outcome = await call(engine, { arguments: { key: "s-e-c/r-e-t", plain: "plain" } });
    expect(textOf(outcome)).toBe("there\n");
    expect(there.asked[0]?.headers).toMatchObject({ "x-two": "plain" });
    expect(there.asked[0]?.headers).not.toHaveProperty("x-one");
    const kept = await engine.call({ tool: "body", arguments: { key: "s-e-c/r-e-t" } });
    expect(kept).toMatchObject({ kind: "failed", exitCode: 47 });
    expect(shownOf(kept)).toMatch(/leads to http:\/\/localhost:\d+, which may not have the secrets of the body/);
    expect(there.asked).toHaveLength(1);
    expect(await engine.call({ tool: "plain", arguments: { key: "s-e-c/r-e-t" } })).toMatchObject({
      kind: "completed",
    });
    expect(there.asked[1]).toMatchObject({ method: "POST", body: '{"a":["plain"]}' });
  });

  it("`mcpfier run` prints the body, says the status of a failure and exits with 22", async () => {
    const { url } = await statuses();
    const commands = [{ name: "t", description: "d", webhook: { url: `${url}/500`, allow_private: true } }];
    const ran = await mcpfier(["run", "t"], { cwd: folder({ "mcpfier.yaml": JSON.stringify({ commands }) }) });
    expect(ran).toMatchObject({ code: 22, stdout: "said /500\n" });
    expect(ran.stderr).toContain("mcpfier: t was answered with HTTP 500");
  });
});

describe("how it is stopped", () => {
  /** Sends a head and one line, and then nothing. */
  function stalling(): Promise<Service> {
    return serve((_asked, response) => {
      response.writeHead(200);
      response.write("begun\n");
    });
  }

  it("a timeout ends it before any answer and in the middle of one, and closes the connection", async () => {
    const silent = await serve(() => undefined);
    const slow = await stalling();
    const engine = await engineWith({
      silent: { timeout: "300ms", webhook: { url: silent.url, method: "POST" } },
      slow: { timeout: "300ms", webhook: { url: slow.url } },
    });
    const before = await engine.call({ tool: "silent", arguments: {} });
    expect(before).toMatchObject({ kind: "timed_out", exitCode: null, stdout: { bytes: 0 } });
    expect(shownOf(before)).toMatch(/the service may have done its work all the same/);
    const amid = await engine.call({ tool: "slow", arguments: {} });
    expect(amid).toMatchObject({ kind: "timed_out", stdout: { bytes: 6 } });
    await poll(
      () => silent.open() + slow.open() === 0,
      () => "a connection stands",
    );
  });

  it("the timeout of one command is none of the next", async () => {
    const { url } = await serve((_asked, response) => void setTimeout(() => response.end("late\n"), 700));
    const engine = await engineWith({
      short: { timeout: "200ms", webhook: { url } },
      t: { timeout: "20s", webhook: { url } },
    });
    expect(await engine.call({ tool: "short", arguments: {} })).toMatchObject({ kind: "timed_out" });
    expect(await call(engine)).toMatchObject({ kind: "completed" });
  });

  it("an idle timeout ends a silence, and lets go on what trickles", async () => {
    const slow = await stalling();
    const trickling = await serve((_asked, response) => {
      let left = 8;
      const timer = setInterval(() => {
        response.write(".");
        left -= 1;
        if (left > 0) return;
        clearInterval(timer);
        response.end("\n");
      }, 150);
    });
    const engine = await engineWith({
      t: { idle_timeout: "400ms", webhook: { url: slow.url } },
      trickle: { idle_timeout: "1s", webhook: { url: trickling.url } },
    });
    expect(await call(engine)).toMatchObject({ kind: "timed_out", idle: true, stdout: { bytes: 6 } });
    expect(textOf(await engine.call({ tool: "trickle", arguments: {} }))).toBe("........\n");
  });

  it.each(["a cancel", "a shutdown"])(
    "%s ends it before the answer, in its middle and while it waits to try again",
    async (how) => {
      const silent = await serve(() => undefined);
      const slow = await stalling();
      const busy = await serve((_asked, response) => response.writeHead(503, { "Retry-After": "60" }).end());
      const engine = await engineWith({
        silent: { webhook: { url: silent.url } },
        slow: { webhook: { url: slow.url } },
        busy: { timeout: "5m", webhook: { url: busy.url, retry: {} } },
      });
      const cut = new AbortController();
      const doing: string[] = [];
      const calls = ["silent", "slow", "busy"].map((tool) =>
        engine.call({ tool, arguments: {}, signal: cut.signal, doing: (what) => void doing.push(`${tool}: ${what}`) }),
      );
      await poll(
        () =>
          silent.asked.length === 1 &&
          doing.includes("slow: reading the answer") &&
          doing.some((what) => /^busy: waiting \d+ s before the 2nd try$/.test(what)),
        () => doing.join("\n"),
      );
      if (how === "a cancel") cut.abort();
      else await engine.close();
      for (const outcome of await Promise.all(calls)) expect(outcome.kind).toBe("cancelled");
      expect(busy.asked).toHaveLength(1);
      await poll(
        () => silent.open() + slow.open() === 0,
        () => "a connection stands",
      );
    },
  );

  it("a reader that takes nothing holds the service back, and not the timeout", async () => {
    let written = 0;
    const { url } = await serve((_asked, response) => {
      const chunk = Buffer.alloc(64 * 1024, "x");
      const write = (): void => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length;
        response.once("drain", write);
      };
      write();
    });
    const engine = await engineWith({ t: { timeout: "1500ms", webhook: { url } } });
    const outcome = await call(engine, { stdout: () => new Promise<void>(() => undefined) });
    expect(outcome).toMatchObject({ kind: "timed_out" });
    expect(written).toBeLessThan(32 * 1024 ** 2);
  });
});

describe("how often it is sent", () => {
  /** Busy until the given request. */
  function busyUntil(first: number, headers: Readonly<Record<string, string>> = {}): Promise<Service> {
    return serve((_asked, response, _socket, count) => {
      if (count < first) response.writeHead(503, headers).end("busy\n");
      else response.end("done\n");
    });
  }

  it("a GET is tried again, says so, and tells how often", async () => {
    const service = await busyUntil(3);
    const engine = await engineWith({ t: { webhook: { url: service.url, retry: { delay: "20ms" } } } });
    const doing: string[] = [];
    const outcome = await call(engine, { doing: (what) => void doing.push(what) });
    expect(callFacts(outcome)).toMatchObject({ outcome: "completed", attempt: 3, status: 200 });
    expect(textOf(outcome)).toBe("done\n");
    expect(doing.filter((what) => what.startsWith("waiting 0."))).toEqual([
      expect.stringMatching(/^waiting 0\.1 s before the 2nd try$/),
      expect.stringMatching(/^waiting 0\.1 s before the 3rd try$/),
    ]);
  });

  it("a POST is sent once, unless the command says that it may be sent twice", async () => {
    const once = await busyUntil(9);
    const twice = await busyUntil(2);
    const retry = { delay: "10ms" };
    const engine = await engineWith({
      once: { webhook: { url: once.url, body: { a: 1 }, retry } },
      twice: { idempotent: true, webhook: { url: twice.url, body: { a: 1 }, retry } },
    });
    expect(await engine.call({ tool: "once", arguments: {} })).toMatchObject({ kind: "failed", exitCode: 22 });
    expect(once.asked).toHaveLength(1);
    expect(await engine.call({ tool: "twice", arguments: {} })).toMatchObject({ kind: "completed" });
    expect(twice.asked.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}']);
  });

  it("`max_retries: 0` and other status codes try nothing again, and the bound holds", async () => {
    const service = await busyUntil(99);
    const engine = await engineWith({
      none: { webhook: { url: service.url, retry: { max_retries: 0, delay: "1ms" } } },
      other: { webhook: { url: service.url, retry: { status_codes: [500], delay: "1ms" } } },
      two: { webhook: { url: service.url, retry: { max_retries: 2, delay: "1ms", backoff: "fixed" } } },
    });
    for (const [tool, times] of [
      ["none", 1],
      ["other", 1],
      ["two", 3],
    ] as const) {
      const before = service.asked.length;
      const outcome = await engine.call({ tool, arguments: {} });
      expect(outcome).toMatchObject({ kind: "failed", answer: { tries: times, status: 503 } });
      expect(service.asked.length - before).toBe(times);
    }
  });

  it("Retry-After is waited for, and shown to the model when it was the end", async () => {
    const service = await busyUntil(2, { "Retry-After": "1" });
    const engine = await engineWith({
      t: { webhook: { url: service.url, retry: { delay: "1ms" } } },
      none: { webhook: { url: service.url } },
    });
    const none = await engine.call({ tool: "none", arguments: {} });
    expect(shownOf(none)).toMatch(/^failed: HTTP 503 Service Unavailable; Retry-After: 1\n/);
    expect(await call(engine)).toMatchObject({ kind: "completed" });
  });

  it("an answer that asks to come back after the end of the call, or of its patience, is given at once", async () => {
    const service = await busyUntil(99, { "Retry-After": "20" });
    const engine = await engineWith({
      t: { timeout: "15s", webhook: { url: service.url, retry: {} } },
      idle: { idle_timeout: "15s", webhook: { url: service.url, retry: {} } },
    });
    for (const tool of ["t", "idle"]) {
      const doing: string[] = [];
      const outcome = await engine.call({ tool, arguments: {}, doing: (what) => void doing.push(what) });
      expect(outcome).toMatchObject({ kind: "failed", exitCode: 22, answer: { status: 503, tries: 1 } });
      expect(shownOf(outcome)).toMatch(/^failed: HTTP 503 Service Unavailable; Retry-After: 20\n\nstdout:\nbusy/);
      expect(doing.join()).not.toContain("2nd try");
    }
  });

  it("what was answered once is not refused when the service is gone at the next try", async () => {
    const service = await serve((_asked, response) => {
      response.writeHead(503).end("busy\n");
      void service.close();
    });
    const engine = await engineWith({
      t: { webhook: { url: service.url, retry: { max_retries: 1, delay: "200ms" } } },
    });
    const outcome = await call(engine);
    expect(outcome).toMatchObject({ kind: "failed", exitCode: 56, answer: { status: 503, tries: 2 } });
  });
});

describe("what comes back", () => {
  const typed = (type: string, body: string): Promise<Service> =>
    serve((_asked, response) => response.writeHead(200, { "Content-Type": type }).end(body));

  it("an answer that says it is JSON is a structured result, unless the catalogue asks for another format", async () => {
    const json = await typed("application/problem+json; charset=utf-8", '{"a": [1, "b"]}');
    const list = await typed("application/json", "[1, 2]");
    const broken = await typed("application/json", "{not json");
    const plain = await typed("text/plain", '{"a": 1}');
    const engine = await engineWith({
      json: { webhook: { url: json.url } },
      list: { webhook: { url: list.url } },
      broken: { webhook: { url: broken.url } },
      plain: { webhook: { url: plain.url } },
      text: { output: { format: "text" }, webhook: { url: json.url } },
      small: {
        output: { max: "256B" },
        webhook: { url: (await typed("application/json", JSON.stringify("x".repeat(999)))).url },
      },
    });
    const result = async (tool: string): Promise<ReturnType<typeof toResult>> =>
      toResult(await engine.call({ tool, arguments: {} }), engine.find(tool));
    expect(await result("json")).toMatchObject({
      structuredContent: { a: [1, "b"] },
      _meta: { "mcpfier/call": { status: 200, exitCode: 0 } },
    });
    expect(await result("list")).toMatchObject({ structuredContent: { result: [1, 2] } });
    for (const tool of ["broken", "plain", "text", "small"]) {
      const shown = await result(tool);
      expect(shown, tool).not.toHaveProperty("structuredContent");
      expect(shown, tool).not.toHaveProperty("isError");
    }
  });

  it("JSON with a number that would lose digits is the text that came", async () => {
    const { url } = await serve((_asked, response) => {
      response.writeHead(200, { "Content-Type": "application/json" }).end('{"id":1234567890123456789}');
    });
    const outcome = await call(await engineWith({ t: { webhook: { url } } }));
    expect(outcome).toMatchObject({ kind: "completed", shown: { structured: undefined, fault: "" } });
    expect(shownOf(outcome)).toBe('{"id":1234567890123456789}');
  });

  it("text is read as UTF-8, whatever its charset is said to be, and what is none is shown and told", async () => {
    const { url } = await serve((_asked, response) => {
      response.writeHead(200, { "Content-Type": "text/plain; charset=iso-8859-1" });
      response.end(Buffer.from("caf\u00e9", "latin1"));
    });
    const outcome = await call(await engineWith({ t: { webhook: { url } } }));
    expect(outcome).toMatchObject({ kind: "completed", stdout: { bytes: 4 } });
    expect(shownOf(outcome)).toBe("caf\ufffd\n\n[1 places that are not UTF-8 are shown as \ufffd]");
  });

  it("a large answer is recorded as other output is, and the model gets its share", async () => {
    const { url } = await serve((_asked, response) => {
      response.writeHead(200, { "Content-Type": "text/plain" });
      for (let line = 0; line < 50_000; line++) response.write(`line ${line} ${"x".repeat(80)}\n`);
      response.end();
    });
    const records = folder();
    const engine = await engineWith(
      { t: { limits: { output: "1MiB" }, output: { max: "4KiB" }, webhook: { url } } },
      { records },
    );
    const outcome = await call(engine);
    expect(outcome).toMatchObject({ kind: "completed", shown: { cut: ["stdout"] }, record: { kept: ["stdout"] } });
    if (!("stdout" in outcome)) throw new Error(outcome.kind);
    expect(outcome.stdout.bytes).toBeGreaterThan(4_000_000);
    expect(shownOf(outcome)).toMatch(/^line 0 [\s\S]*line 49999 /);
    expect(Buffer.byteLength(shownOf(outcome))).toBeLessThan(5000);
    const sizes = files(records).map((file) => statSync(file).size);
    expect(Math.max(...sizes)).toBeLessThan(1.2 * 1024 ** 2);
    expect(Math.max(...sizes)).toBeGreaterThan(0.9 * 1024 ** 2);
  });

  it("no secret is seen: not in the plan, the output, the record, the headers and the errors", async () => {
    const CANARY = "c4n4ry/+&s3cr3t";
    const basic = Buffer.from(`robot:${CANARY}`).toString("base64");
    const { url, asked } = await serve(({ headers }, response) => {
      const echo = JSON.stringify([headers, CANARY, basic]);
      response.writeHead(418, { Location: `/?token=${encodeURIComponent(CANARY)}`, "X-Request-Id": basic });
      response.end(echo);
    });
    const records = folder();
    const hook = { url: `${url}/?k=\${{ k }}`, body: { k: "${{ k }}" } };
    const params = { k: { type: "string", secret: true } };
    const engine = await engineWith(
      {
        bearer: { params, webhook: { ...hook, auth: { type: "bearer", token: CANARY } } },
        api_key: { params, webhook: { ...hook, auth: { type: "api_key", key: CANARY } } },
        basic: { params, webhook: { ...hook, auth: { type: "basic", user: "robot", pass: CANARY } } },
        argument: { params, webhook: { ...hook, headers: { "X-K": "${{ k }}" } } },
      },
      { records },
    );
    const seen: string[] = [];
    for (const tool of ["bearer", "api_key", "basic", "argument"]) {
      const args = { k: CANARY };
      const planned = await engine.call({ tool, arguments: args, dryRun: true });
      if (planned.kind !== "planned") throw new Error(planned.kind);
      const outcome = await engine.call({ tool, arguments: args, stdout: (chunk) => void seen.push(chunk.toString()) });
      expect(outcome).toMatchObject({ kind: "failed", answer: { status: 418 } });
      seen.push(
        JSON.stringify(shownPlanned(planned)),
        JSON.stringify(toResult(outcome, engine.find(tool))),
        textOf(outcome),
      );
    }
    expect(asked).toHaveLength(4);
    const all = [...seen, ...files(records).map((file) => readFileSync(file, "utf8"))].join("\n");
    expect(all).toContain("[redacted]");
    for (const form of [CANARY, encodeURIComponent(CANARY), basic, Buffer.from(CANARY).toString("base64").slice(0, -4)])
      expect(all).not.toContain(form);
  });
});

/** All files below a folder. */
function files(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe("a client of an OAuth server", () => {
  /** Gives tokens t1, t2, ..., and takes only the last. */
  async function guarded(): Promise<{ readonly service: Service; readonly tokens: Service; revoke(): void }> {
    let valid = "";
    const tokens = await serve((_asked, response, _socket, count) => {
      valid = `token-number-${count}`;
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ access_token: valid, token_type: "Bearer", expires_in: 3600 }));
    });
    const service = await serve(({ headers }, response) => {
      response.writeHead(headers.authorization === `Bearer ${valid}` ? 200 : 401).end(`${headers.authorization}\n`);
    });
    return { service, tokens, revoke: () => void (valid = "none") };
  }

  function withClient(url: string, tokenUrl: string): object {
    return {
      url,
      method: "POST",
      auth: { type: "oauth2", token_url: tokenUrl, client_id: "me", client_secret: "s-e-c-r-e-t" },
    };
  }

  it("asks for one token for all its calls, and for another when it is no longer taken", async () => {
    const { service, tokens, revoke } = await guarded();
    const engine = await engineWith({ t: { webhook: withClient(service.url, `${tokens.url}/token`) } });
    const both = await Promise.all([call(engine), call(engine)]);
    for (const outcome of both) expect(outcome).toMatchObject({ kind: "completed" });
    expect(tokens.asked).toHaveLength(1);
    expect(tokens.asked[0]?.body).toContain("grant_type=client_credentials");
    revoke();
    expect(await call(engine)).toMatchObject({ kind: "completed" });
    expect(tokens.asked).toHaveLength(2);
    const planned = await call(engine, { dryRun: true });
    if (planned.kind !== "planned") throw new Error(planned.kind);
    const shown = JSON.stringify(shownPlanned(planned));
    expect(shown).toContain(`[a token of ${tokens.url}/token]`);
    expect(shown).not.toContain("s-e-c-r-e-t");
  });

  it("that never gets in asks for no further token at each call, and its answer is passed on", async () => {
    const { tokens } = await guarded();
    const service = await serve((_asked, response) => response.writeHead(401).end("not you\n"));
    const engine = await engineWith({ t: { webhook: withClient(service.url, `${tokens.url}/token`) } });
    for (let round = 0; round < 4; round++) {
      const outcome = await call(engine);
      expect(outcome).toMatchObject({ kind: "failed", exitCode: 22, answer: { status: 401 } });
      expect(textOf(outcome)).toBe("not you\n");
    }
    expect([tokens.asked.length, service.asked.length]).toEqual([2, 5]);
  });

  it("no token is seen that the service echoes, also not one that comes between two pages", async () => {
    const { tokens } = await guarded();
    let pages = 0;
    const { url } = await serve(({ headers, path }, response) => {
      const bearer = headers.authorization ?? "";
      const isStale = path.includes("page=2") && bearer.endsWith("-1");
      if (!isStale) pages += 1;
      response.writeHead(isStale ? 401 : 200, { "Content-Type": "application/json", "X-Request-Id": bearer });
      response.end(JSON.stringify(pages > 2 ? [] : [bearer, Buffer.from(bearer.slice(7)).toString("base64")]));
    });
    const records = folder();
    const hook = { ...withClient(url, `${tokens.url}/token`), method: "GET", pagination: { page: "page" } };
    const engine = await engineWith({ t: { webhook: hook } }, { records });
    const seen: string[] = [];
    const outcome = await call(engine, { stdout: (chunk) => void seen.push(chunk.toString()) });
    expect(outcome).toMatchObject({ kind: "completed", answer: { headers: { "x-request-id": "Bearer [redacted]" } } });
    expect(tokens.asked).toHaveLength(2);
    expect(textOf(outcome).match(/"Bearer \[redacted\]"/g)).toHaveLength(2);
    seen.push(textOf(outcome), JSON.stringify(toResult(outcome, engine.find("t"))));
    const all = [...seen, ...files(records).map((file) => readFileSync(file, "utf8"))].join("\n");
    expect(all).not.toContain("token-number");
    expect(all).not.toContain(Buffer.from("token-number").toString("base64"));
  });

  it("what it proves itself with is not seen, as it is written in the header", async () => {
    const { tokens } = await guarded();
    const service = await serve((_asked, response) => response.end(tokens.asked[0]?.headers.authorization));
    const hook = withClient(service.url, `${tokens.url}/token`) as { auth: object };
    const auth = { ...hook.auth, client_secret: "s/e" };
    const outcome = await call(await engineWith({ t: { webhook: { ...hook, auth } } }));
    expect(textOf(outcome)).toBe("Basic [redacted]");
  });

  it("is refused when it gets no token, and the service is not asked", async () => {
    const { service } = await guarded();
    const denied = await serve((_asked, response) => {
      response.writeHead(401, { "Content-Type": "application/json" }).end('{"error":"invalid_client"}');
    });
    const engine = await engineWith({ t: { webhook: withClient(service.url, denied.url) } });
    expect(await call(engine)).toMatchObject({ kind: "refused", code: "webhook.token" });
    expect(service.asked).toEqual([]);
  });
});

describe("pages", () => {
  /** Seven numbers, three on a page, by every way of telling where the next is. */
  function paged(): Promise<Service> {
    return serve(({ path }, response) => {
      const url = new URL(path, "http://x");
      const page = Number(url.searchParams.get("page") ?? url.searchParams.get("cursor") ?? 1);
      const items = [1, 2, 3, 4, 5, 6, 7].slice((page - 1) * 3, page * 3);
      const next = page < 3 ? page + 1 : null;
      if (next !== null) response.setHeader("Link", `<${url.pathname}?page=${next}&q=1>; rel="next"`);
      response.setHeader("Content-Type", "application/json");
      if (url.pathname === "/broken" && page === 2) response.statusCode = 500;
      response.end(JSON.stringify(url.pathname === "/list" ? items : { data: items, meta: { next } }));
    });
  }

  it.each([
    ["link", "/list", { link: true }],
    ["cursor", "/data?q=1", { cursor: "/meta/next", items: "/data" }],
    ["number", "/data?q=1", { page: "page", items: "/data" }],
  ])("by %s are read to the last, as one list", async (_, path, pagination) => {
    const { url } = await paged();
    const engine = await engineWith({ t: { webhook: { url: `${url}${path}`, pagination } } });
    const outcome = await call(engine);
    expect(JSON.parse(textOf(outcome))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(outcome).toMatchObject({
      kind: "completed",
      shown: { structured: [1, 2, 3, 4, 5, 6, 7] },
      answer: { note: "" },
    });
  });

  it("end at their bound, which is said", async () => {
    const { url, asked } = await paged();
    const engine = await engineWith({
      t: { webhook: { url: `${url}/list`, pagination: { link: true, max_pages: 2 } } },
    });
    const outcome = await call(engine);
    expect(JSON.parse(textOf(outcome))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(shownOf(outcome)).toMatch(/\[there are more pages than the 2 that were read \(`max_pages`\)\]$/);
    expect(asked).toHaveLength(2);
  });

  it("that fail make the call fail, with what came before", async () => {
    const { url } = await paged();
    const engine = await engineWith({
      t: { webhook: { url: `${url}/broken`, pagination: { cursor: "/meta/next", items: "/data" } } },
    });
    const outcome = await call(engine);
    expect(outcome).toMatchObject({ kind: "failed", exitCode: 22, answer: { status: 500 } });
    expect(JSON.parse(textOf(outcome))).toEqual([1, 2, 3]);
    expect(shownOf(outcome)).toContain("page 2 could not be read");
  });

  /** Pages as texts, by the number that is asked for. */
  function written(pages: readonly string[], headers: Readonly<Record<string, string>> = {}): Promise<Service> {
    return serve(({ path }, response) => {
      const number = Number(new URL(path, "http://x").searchParams.get("p") ?? 1);
      const more = number === pages.length ? headers : {};
      response.writeHead(200, { "Content-Type": "application/json", ...more }).end(pages[number - 1] ?? "[]");
    });
  }

  it("keep their numbers as they are written", async () => {
    const { url } = await written(['[{"id": 1234567890123456789, "f": 1.10},\n 1e400]', "[-0, 2]"]);
    const engine = await engineWith({ t: { webhook: { url, pagination: { page: "p" } } } });
    expect(textOf(await call(engine))).toBe('[\n{"id":1234567890123456789,"f":1.10},\n1e400,\n-0,\n2\n]\n');
  });

  it("that are empty leave no comma behind", async () => {
    const pages = [[], [1, 2], [], [3], []].map((items, at) => ({ items, next: at < 4 ? String(at + 2) : null }));
    const { url } = await written(pages.map((page) => JSON.stringify(page)));
    const pagination = { cursor: "/next", parameter: "p", items: "/items" };
    const engine = await engineWith({ t: { webhook: { url, pagination } } });
    expect(textOf(await call(engine))).toBe("[\n1,\n2,\n3\n]\n");
  });

  it.each([
    ["that leads to a forbidden host", "[2]", { Link: "<http://evil.example/>; rel=next" }, 47],
    ["that is too large", `["${"x".repeat(9 * 1024 ** 2)}"]`, {}, 56],
    ["that is too deep", `${"[".repeat(200_000)}${"]".repeat(200_000)}`, {}, 56],
    ["whose cursor is no text", String.raw`[2, {"next": "\ud800"}]`, {}, 47],
  ])("the list is closed before a page %s", async (what, second, headers, exitCode) => {
    const { url } = await written(["[1]", second], headers);
    const byLink = { pagination: { link: true } };
    const service = await serve(({ path }, response) => {
      response.writeHead(200, { "Content-Type": "application/json", Link: `<${url}/?p=2>; rel=next` });
      response.end(path.includes("c=") ? second : '[1, {"next": "more"}]');
    });
    const byCursor = { pagination: { cursor: "/1/next", parameter: "c" } };
    const hook = { url: service.url, hosts: [new URL(url).host], allow_private: [new URL(url).hostname] };
    const engine = await engineWith({ t: { webhook: { ...hook, ...(what.includes("cursor") ? byCursor : byLink) } } });
    const outcome = await call(engine);
    expect(outcome).toMatchObject({ kind: "failed", exitCode });
    expect(JSON.parse(textOf(outcome))).toContainEqual(1);
  });

  it("that are no list are passed on as they are", async () => {
    const { url } = await paged();
    const engine = await engineWith({ t: { webhook: { url: `${url}/data`, pagination: { link: true } } } });
    const outcome = await call(engine);
    expect(JSON.parse(textOf(outcome))).toMatchObject({ data: [1, 2, 3] });
    expect(shownOf(outcome)).toContain("page 1 has no list at its top");
  });
});

it("fifty calls at once share the connections of the pool, and all of them are answered", async () => {
  let most = 0;
  const service = await serve((_asked, response) => {
    most = Math.max(most, service.open());
    void sleep(5).then(() => response.end("x\n"));
  });
  const engine = await engineWith({ t: { webhook: { url: service.url } } });
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => call(engine)));
  for (const outcome of outcomes) expect(outcome.kind).toBe("completed");
  expect(most).toBeLessThanOrEqual(8);
});
