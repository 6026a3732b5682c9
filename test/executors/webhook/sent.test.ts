import { describe, expect, it } from "vitest";
import { callFacts } from "../../../src/pipeline/facts.ts";
import { engineOf, poll } from "../../rig.ts";
import { engineWith, serve, shownOf, textOf } from "./service.ts";

/** Where nothing listens: a port that is freed may be the next service's. */
const NOWHERE = "127.0.0.1:1";

describe("a request that reached its service", () => {
  it("is not sent again, and not refused, when the service leads on to where nothing listens", async () => {
    const service = await serve((_asked, response) => {
      response.writeHead(303, { Location: `http://${NOWHERE}/done` }).end();
    });
    const webhook = { url: service.url, hosts: [NOWHERE], retry: { max_retries: 3, delay: "1ms" } };
    const engine = await engineWith({
      post: { webhook: { ...webhook, method: "POST" } },
      twice: { idempotent: true, webhook: { ...webhook, method: "POST" } },
    });
    const post = await engine.call({ tool: "post", arguments: {} });
    expect(service.asked).toHaveLength(1);
    expect(post).toMatchObject({ kind: "unknown", answer: { tries: 1 } });
    expect(shownOf(post)).toMatch(/leads on: .*ECONNREFUSED.*check that before you call it again/);
    expect(shownOf(post)).not.toContain("nothing was sent");
    const twice = await engine.call({ tool: "twice", arguments: {} });
    expect(twice).toMatchObject({ kind: "failed", exitCode: 56, answer: { tries: 4 } });
    expect(service.asked).toHaveLength(5);
  });

  it("has failed when the service leads on to an address that may not be reached", async () => {
    const inner = await serve((_asked, response) => response.end());
    const target = inner.url.replace("127.0.0.1", "localhost");
    const service = await serve((_asked, response) => response.writeHead(302, { Location: target }).end());
    const engine = await engineWith({
      t: { webhook: { url: service.url, method: "POST", hosts: ["localhost"], allow_private: ["127.0.0.1"] } },
    });
    const outcome = await engine.call({ tool: "t", arguments: {} });
    expect(outcome).toMatchObject({ kind: "failed", exitCode: 47 });
    expect(shownOf(outcome)).toMatch(/localhost has an address that is not of the public/);
    expect([service.asked.length, inner.asked.length]).toEqual([1, 0]);
  });

  it("is led to every host that the block names where `allow_private: true` opens them", async () => {
    const inner = await serve((_asked, response) => response.end("there"));
    const target = inner.url.replace("127.0.0.1", "localhost");
    const service = await serve((_asked, response) => response.writeHead(302, { Location: target }).end());
    const engine = await engineWith({
      named: { webhook: { url: service.url, hosts: [new URL(target).host] } },
      listed: { webhook: { url: service.url, hosts: ["localhost"], allow_private: ["127.0.0.1"] } },
    });
    expect(textOf(await engine.call({ tool: "named", arguments: {} }))).toBe("there");
    expect(await engine.call({ tool: "listed", arguments: {} })).toMatchObject({ kind: "failed", exitCode: 47 });
    expect(inner.asked).toHaveLength(1);
  });

  it("has failed with the pages that came when a later one is where nothing listens", async () => {
    const service = await serve((_asked, response) => {
      response.writeHead(200, { Link: `<http://${NOWHERE}/p2>; rel="next"` }).end("[1, 2, 3]");
    });
    const webhook = { url: service.url, hosts: [NOWHERE], pagination: { link: true } };
    const engine = await engineWith({ t: { webhook } });
    const outcome = await engine.call({ tool: "t", arguments: {} });
    expect(outcome).toMatchObject({ kind: "failed", exitCode: 56, answer: { note: expect.stringMatching(/^page 2/) } });
    expect(JSON.parse(textOf(outcome))).toEqual([1, 2, 3]);
    expect(shownOf(outcome)).toMatch(/ECONNREFUSED[\s\S]*\[page 2 could not be read; what came before it follows\]/);
  });

  it("has failed when its token is not taken any more and there is no other", async () => {
    const tokens = await serve((_asked, response, _socket, count) => {
      if (count > 1) response.writeHead(401).end('{"error":"invalid_client"}');
      else response.end('{"access_token":"t-o-k-e-n-1","token_type":"Bearer"}');
    });
    const service = await serve((_asked, response) => response.writeHead(401).end());
    const auth = { type: "oauth2", token_url: tokens.url, client_id: "me", client_secret: "s-e-c-r-e-t" };
    const engine = await engineWith({ t: { webhook: { url: service.url, method: "POST", auth } } });
    const outcome = await engine.call({ tool: "t", arguments: {} });
    expect(callFacts(outcome)).toMatchObject({ outcome: "failed", exitCode: 56, attempt: 1 });
    expect(shownOf(outcome)).toMatch(/gave no token: it answered HTTP 401, invalid_client/);
    expect(service.asked).toHaveLength(1);
  });

  it("is not sent again with another token when the service took it and led on to what takes none", async () => {
    const tokens = await serve((_asked, response, _socket, count) => {
      response.end(`{"access_token":"t-o-k-e-n-${count}","token_type":"Bearer"}`);
    });
    const service = await serve(({ path }, response) => {
      response.writeHead(path === "/done" ? 401 : 303, { Location: "/done" }).end();
    });
    const auth = { type: "oauth2", token_url: tokens.url, client_id: "me", client_secret: "s-e-c-r-e-t" };
    const engine = await engineWith({ t: { webhook: { url: service.url, method: "POST", auth } } });
    const outcome = await engine.call({ tool: "t", arguments: {} });
    expect(outcome).toMatchObject({ kind: "failed", exitCode: 22, answer: { status: 401 } });
    expect(service.asked.map(({ method }) => method)).toEqual(["POST", "GET"]);
    // The next call has another one all the same.
    await engine.call({ tool: "t", arguments: {} });
    expect(service.asked[2]).toMatchObject({ method: "POST", headers: { authorization: "Bearer t-o-k-e-n-2" } });
  });
});

describe("a request that was stopped before it reached its service", () => {
  it("says that it waited for a connection, and that nothing was sent", async () => {
    const service = await serve(() => undefined);
    const webhook = { url: service.url, method: "POST", allow_private: true };
    const commands = [
      { name: "long", description: "d", webhook },
      { name: "short", description: "d", webhook, timeout: "200ms" },
    ];
    const engine = await engineOf(JSON.stringify({ concurrency: 20, commands }));
    const cut = new AbortController();
    const long = Array.from({ length: 8 }, () => engine.call({ tool: "long", arguments: {}, signal: cut.signal }));
    await poll(
      () => service.asked.length === 8,
      () => `${service.asked.length} requests came`,
    );
    const short = await engine.call({ tool: "short", arguments: {} });
    expect(short).toMatchObject({ kind: "timed_out" });
    expect(shownOf(short)).toMatch(
      new RegExp(`\\[the service was not asked: it waited for one of the 8 connections to ${service.url}\\]$`),
    );
    cut.abort();
    for (const outcome of await Promise.all(long)) {
      expect(outcome.kind).toBe("cancelled");
      expect(shownOf(outcome)).toMatch(/may have done its work/);
    }
    expect(service.asked).toHaveLength(8);
  });

  it("says that it waited for a token", async () => {
    const tokens = await serve(() => undefined);
    const service = await serve((_asked, response) => response.end());
    const auth = { type: "oauth2", token_url: `${tokens.url}/token`, client_id: "me", client_secret: "s-e-c-r-e-t" };
    const webhook = { url: service.url, method: "POST", auth };
    const engine = await engineWith({ t: { timeout: "200ms", webhook } });
    const outcome = await engine.call({ tool: "t", arguments: {} });
    expect(outcome).toMatchObject({ kind: "timed_out" });
    expect(shownOf(outcome)).toMatch(
      new RegExp(`\\[the service was not asked: it waited for a token of ${tokens.url}\\]$`),
    );
    expect([tokens.asked.length, service.asked.length]).toEqual([1, 0]);
  });

  it("says nothing of the kind when it had been answered before", async () => {
    const tokens = await serve((_asked, response, _socket, count) => {
      if (count === 1) response.end('{"access_token":"t-o-k-e-n-1","token_type":"Bearer"}');
    });
    const service = await serve((_asked, response) => response.writeHead(401).end());
    const auth = { type: "oauth2", token_url: tokens.url, client_id: "me", client_secret: "s-e-c-r-e-t" };
    const webhook = { url: service.url, method: "POST", auth };
    const engine = await engineWith({ t: { timeout: "500ms", webhook } });
    const outcome = await engine.call({ tool: "t", arguments: {} });
    expect(outcome).toMatchObject({ kind: "timed_out" });
    expect(shownOf(outcome)).toMatch(/may have done its work/);
    expect(service.asked).toHaveLength(1);
  });
});

describe("a failure begins with what went wrong", () => {
  it.each([
    [
      "a body that is not what it is said to be",
      { "Content-Encoding": "gzip" },
      {},
      "no whole answer, after HTTP 200 OK",
    ],
    ["a body that breaks off", { "Content-Length": "100" }, {}, "no whole answer, after HTTP 200 OK"],
    [
      "a page that leads to a forbidden host",
      { Link: "<http://evil.example/>; rel=next" },
      { pagination: { link: true } },
      "a link that is not followed, after HTTP 200 OK",
    ],
  ])("%s", async (_what, headers, more, head) => {
    const service = await serve((_asked, response, socket) => {
      response.writeHead(200, headers);
      response.write("[1, 2, 3]", () => ("Content-Length" in headers ? socket.destroy() : response.end()));
    });
    const engine = await engineWith({ t: { webhook: { url: service.url, ...more } } });
    const outcome = await engine.call({ tool: "t", arguments: {} });
    expect(outcome).toMatchObject({ kind: "failed", answer: { status: 200 } });
    expect(shownOf(outcome).split("\n")[0]).toBe(`failed: ${head}`);
  });

  it("a redirect that may not be followed", async () => {
    const service = await serve((_asked, response) =>
      response.writeHead(302, { Location: "http://evil.example/" }).end(),
    );
    const engine = await engineWith({ t: { webhook: { url: service.url } } });
    const outcome = await engine.call({ tool: "t", arguments: {} });
    expect(shownOf(outcome)).toMatch(/^failed: a link that is not followed\n\nstderr:\n.*evil\.example/);
  });
});
