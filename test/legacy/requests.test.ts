// The faults of the original MCPFier, each by its name: its webhooks.
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { serve, shownOf } from "../executors/webhook/service.ts";
import { engineOf, load, poll } from "../rig.ts";
import { findings, original } from "./original.ts";

/** A command of the original that is a request to this machine, which today says that it may be. */
function request(name: string, webhook: string, more = ""): string {
  return `{ name: ${name}, description: D., ${more} webhook: { allow_private: true, ${webhook} } }`;
}

const call = { arguments: {} };

describe("fault of the original: one command's webhook timeout leaking into the next", () => {
  it("a request without a timeout of its own outlasts others that ran out of theirs, before it and beside it", async () => {
    const held: ServerResponse[] = [];
    const { url } = await serve(({ path }, response) => void (path === "/patient" && held.push(response)));
    const engine = await engineOf(
      original(request("hasty", `url: "${url}/hasty"`, "timeout: 200ms,"), request("patient", `url: "${url}/patient"`)),
    );
    const isHeld = (count: number): Promise<void> =>
      poll(
        () => held.length === count,
        () => "the request did not arrive",
      );
    const beside = engine.call({ tool: "patient", ...call });
    await isHeld(1);
    expect(await engine.call({ tool: "hasty", ...call })).toMatchObject({ kind: "timed_out" });
    const next = engine.call({ tool: "patient", ...call });
    await isHeld(2);
    expect(await engine.call({ tool: "hasty", ...call })).toMatchObject({ kind: "timed_out" });
    for (const response of held) response.end("at last");
    expect(await Promise.all([beside, next])).toMatchObject([{ kind: "completed" }, { kind: "completed" }]);
  });
});

describe("fault of the original: a POST is sent again", () => {
  it("is not, and nothing else is that was not asked to be", async () => {
    const service = await serve((_asked, response) => response.writeHead(503).end());
    const retry = "retry: { max_retries: 2, delay: 1ms }";
    const engine = await engineOf(
      original(
        request("post", `url: "${service.url}/post", method: POST, ${retry}`),
        request("patch", `url: "${service.url}/patch", method: PATCH, ${retry}`),
        request("unasked", `url: "${service.url}/unasked"`),
        request("get", `url: "${service.url}/get", ${retry}`),
      ),
    );
    for (const tool of ["post", "patch", "unasked", "get"])
      expect(await engine.call({ tool, ...call })).toMatchObject({ kind: "failed" });
    expect(service.asked.map(({ path }) => path)).toEqual(["/post", "/patch", "/unasked", "/get", "/get", "/get"]);
  });
});

describe("fault of the original: max_retries: 0 ignored", () => {
  it("is once and no more", async () => {
    const service = await serve((_asked, response) => response.writeHead(503).end());
    const engine = await engineOf(
      original(request("once", `url: "${service.url}", retry: { max_retries: 0, delay: 1ms }`)),
    );
    expect(await engine.call({ tool: "once", ...call })).toMatchObject({ kind: "failed", exitCode: 22 });
    expect(service.asked).toHaveLength(1);
  });
});

describe("fault of the original: the sleep before a retry ignores cancel and timeout", () => {
  it("ends at once, and nothing is sent again", async () => {
    const service = await serve((_asked, response) => response.writeHead(503).end());
    const sleeps = `url: "${service.url}", retry: { delay: 5m }`;
    const engine = await engineOf(
      original(request("cancelled", sleeps, "timeout: 1h,"), request("late", sleeps, "timeout: 300ms,")),
    );
    const cut = new AbortController();
    const outcome = engine.call({ tool: "cancelled", ...call, signal: cut.signal });
    await poll(
      () => service.asked.length === 1,
      () => "the request did not arrive",
    );
    cut.abort();
    expect(await outcome).toMatchObject({ kind: "cancelled" });
    expect(await engine.call({ tool: "late", ...call })).toMatchObject({ kind: "failed", answer: { status: 503 } });
    expect(service.asked).toHaveLength(2);
  });
});

describe("fault of the original: the last answer lost after retries", () => {
  it("is shown with its status", async () => {
    const { url } = await serve((_asked, response) => response.writeHead(429).end("come back on Monday"));
    const engine = await engineOf(original(request("busy", `url: "${url}", retry: { max_retries: 1, delay: 1ms }`)));
    const shown = shownOf(await engine.call({ tool: "busy", ...call }));
    expect(shown).toContain("HTTP 429");
    expect(shown).toContain("come back on Monday");
  });
});

describe("fault of the original: oauth documented, and refused at each call", () => {
  it("gets a token by client credentials, once for all calls", async () => {
    const service = await serve(({ path }, response) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(path === "/token" ? '{"access_token": "granted", "token_type": "bearer"}' : "{}");
    });
    const auth = `auth: { type: oauth, token_url: "${service.url}/token", client_id: 1, client_secret: s }`;
    const engine = await engineOf(original(request("who", `url: "${service.url}/me", ${auth}`)));
    for (const _ of [1, 2]) expect(await engine.call({ tool: "who", ...call })).toMatchObject({ kind: "completed" });
    expect(service.asked.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ["/token", `Basic ${Buffer.from("1:s").toString("base64")}`],
      ["/me", "Bearer granted"],
      ["/me", "Bearer granted"],
    ]);
  });
});

describe("fault of the original: a redirect takes an API key along to any host", () => {
  it("is not followed to a host that the file does not name", async () => {
    const stranger = await serve((_asked, response) => response.end());
    const { url } = await serve((_asked, response) => response.writeHead(302, { Location: stranger.url }).end());
    const engine = await engineOf(original(request("led", `url: "${url}", auth: { type: api_key, key: k }`)));
    expect(await engine.call({ tool: "led", ...call })).toMatchObject({ kind: "failed", exitCode: 47 });
    expect(stranger.asked).toEqual([]);
  });
});

describe("fault of the original: a webhook reaches what is inside", () => {
  it("is refused at each call, and warned about at load where it can be seen there", async () => {
    const service = await serve((_asked, response) => response.end());
    const file = original(`{ name: inside, description: D., webhook: { url: "${service.url}" } }`);
    const engine = await engineOf(file);
    expect(await engine.call({ tool: "inside", ...call })).toMatchObject({
      kind: "refused",
      code: "webhook.forbidden",
    });
    expect(service.asked).toEqual([]);
    expect(await findings(file)).toEqual([
      "2 warning webhook: 127.0.0.1 is not of the public internet, and its calls are refused",
    ]);
  });

  it.each([
    ["http://localhost:5678/hook", true],
    ["http://db.localhost./", true],
    ["http://0x7f.1/", true],
    ["http://[::ffff:10.0.0.1]/", true],
    ["https://169.254.169.254/latest", true],
    ["https://example.org/", false],
    ["https://8.8.8.8/", false],
  ])("%s is warned about: %s", async (url, isWarned) => {
    const { problems } = await load(original(`{ name: a, description: D., webhook: { url: "${url}" } }`));
    expect(problems.map(({ rule, severity }) => [rule, severity])).toEqual(isWarned ? [["webhook", "warning"]] : []);
  });
});

describe("fault of the original: an answer without end fills the memory", () => {
  it("is kept in bounds, and counted", async () => {
    const { url } = await serve((_asked, response) => void response.end(Buffer.alloc(20_000_000, "a line\n")));
    const engine = await engineOf(original(request("flood", `url: "${url}"`)));
    const outcome = await engine.call({ tool: "flood", ...call });
    expect(outcome).toMatchObject({ kind: "completed", stdout: { bytes: 20_000_000 } });
    expect(shownOf(outcome).length).toBeLessThan(100_000);
  });
});

describe("fault of the original: a webhook's mistakes are told at each call only", () => {
  it.each([
    ["method: GET", /missing-key: "url"/],
    ["url: ftp://example.org/", /webhook: expected a URL that begins with http/],
    ['url: https://example.org/, body_format: json, body: "{"', /webhook: the body is not JSON/],
    ["url: https://example.org/, body_format: yaml, body: a", /bad-value: .*came "yaml"/],
    ["url: https://example.org/, auth: { type: bearer }", /missing-key: `bearer` needs `token`/],
    ["url: https://example.org/, auth: { type: api_key }", /missing-key: `api_key` needs `key`/],
    ["url: https://example.org/, auth: { type: basic, user: a }", /missing-key: `basic` needs `pass`/],
    ["url: https://example.org/, auth: { type: digest }", /bad-value: .*came "digest"/],
    ["url: https://example.org/, retry: { delay: soon }", /bad-value: expected a duration/],
    ["url: https://example.org/, retry: { backoff: never }", /bad-value: .*came "never"/],
  ])("{ %s } is an error of the file", async (webhook, expected) => {
    expect(await findings(original(`{ name: a, description: D., webhook: { ${webhook} } }`))).toContainEqual(
      expect.stringMatching(expected),
    );
  });
});

describe("a webhook of the original", () => {
  it.each([
    ["timeout: 30, webhook: { url: https://example.org/ }", "`timeout: 30` has no unit, and is read as seconds"],
    ["script: echo, webhook: { url: https://example.org/ }", "`script` beside a `webhook` never ran"],
    ["container: alpine, webhook: { url: https://example.org/ }", "`container` beside a `webhook` never ran"],
    ["webhook: { url: https://example.org/, method: '' }", "an empty `method` is none"],
    ["webhook: { url: https://example.org/, auth: { type: Bearer, token: t } }", "`type: Bearer` is written in small"],
    ["webhook: { url: https://example.org/, auth: { type: bearer, token: 007 } }", "this is read as a text"],
    ["webhook: { url: https://example.org/, retry: { delay: 2 } }", "`delay: 2` has no unit, and is read as seconds"],
    ["script: echo, webhook: { url: '' }", "an empty `webhook` is none"],
  ])("{ %s } loads, with a warning", async (keys, warning) => {
    const { catalogue, problems } = await load(original(`{ name: a, description: D., ${keys} }`));
    expect(catalogue).not.toBeNull();
    expect(problems.map(({ message }) => message)).toContainEqual(expect.stringContaining(warning));
  });
});
