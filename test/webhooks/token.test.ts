import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, it, vi } from "vitest";
import { type TokenClient, type TokenSource, createTokenSource } from "../../src/webhooks/token.ts";
import { createTokenSources } from "../../src/webhooks/token-sources.ts";
import { atEnd, poll } from "../rig.ts";
import { type Service, faultOf, hooks, never, serve, serveRaw } from "./service.ts";

interface Asked {
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

interface TokenServer extends Service {
  readonly asked: readonly Asked[];
}

type Answer = (count: number, response: ServerResponse) => unknown;

const grant =
  (more: object = {}): Answer =>
  (count, response) =>
    response.end(JSON.stringify({ access_token: `token-${count}`, token_type: "Bearer", expires_in: 3600, ...more }));

async function tokenServer(answer: Answer = grant()): Promise<TokenServer> {
  const asked: Asked[] = [];
  async function attend(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = Object.fromEntries(new URLSearchParams(await text(incoming)));
    asked.push({ authorization: incoming.headers.authorization, form });
    answer(asked.length, response);
  }
  return { ...(await serve((incoming, response) => void attend(incoming, response))), asked };
}

const CLIENT: Omit<TokenClient, "tokenUrl"> = {
  clientId: "me:and you",
  clientSecret: "s3cret/%ü",
  scopes: ["read", "write"],
  by: "header",
  allowPrivate: ["127.0.0.1"],
};

function source({ url }: Service, more: Partial<TokenClient> = {}): TokenSource {
  return createTokenSource(hooks(), { ...CLIENT, tokenUrl: `${url}/token`, ...more });
}

describe("a token", () => {
  it("is asked for as the client that it is, by a header or in the body", async () => {
    const server = await tokenServer();
    expect(await source(server).token(never)).toBe("token-1");
    expect(await source(server, { by: "body", scopes: [] }).token(never)).toBe("token-2");
    const proof = Buffer.from("me%3Aand+you:s3cret%2F%25%C3%BC").toString("base64");
    expect(server.asked).toEqual([
      { authorization: `Basic ${proof}`, form: { grant_type: "client_credentials", scope: "read write" } },
      {
        authorization: undefined,
        form: { grant_type: "client_credentials", client_id: "me:and you", client_secret: "s3cret/%ü" },
      },
    ]);
  });

  it("is used until shortly before its end, and after that there is another", async () => {
    const long = await tokenServer();
    const kept = source(long);
    for (let round = 0; round < 5; round++) expect(await kept.token(never)).toBe("token-1");
    for (const expires_in of [0, "0"]) {
      const ended = source(await tokenServer(grant({ expires_in })));
      expect([await ended.token(never), await ended.token(never)]).toEqual(["token-1", "token-2"]);
    }
    for (const expires_in of [undefined, "3600", "soon", null]) {
      const untold = source(await tokenServer(grant({ expires_in })));
      expect([await untold.token(never), await untold.token(never)]).toEqual(["token-1", "token-1"]);
    }
  });

  it("is shared by those who ask at once", async () => {
    const server = await tokenServer();
    const shared = source(server);
    const got = await Promise.all(Array.from({ length: 30 }, () => shared.token(never)));
    expect(new Set(got)).toEqual(new Set(["token-1"]));
    expect(server.asked).toHaveLength(1);
  });

  it("is forgotten when it was not accepted, and only then", async () => {
    const server = await tokenServer();
    const shared = source(server);
    const first = await shared.token(never);
    expect(shared.forget(first)).toBe(true);
    expect(await shared.token(never)).toBe("token-2");
    // Others hear late that the first one was not accepted.
    expect(shared.forget(first)).toBe(true);
    expect(await shared.token(never)).toBe("token-2");
  });

  it("that came in place of another and is not accepted either is kept for half a minute", async () => {
    const server = await tokenServer();
    const shared = source(server);
    shared.forget(await shared.token(never));
    expect(await shared.token(never)).toBe("token-2");
    expect(shared.forget("token-2")).toBe(false);
    expect(await shared.token(never)).toBe("token-2");
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 30_001);
    atEnd(() => clock.mockRestore());
    expect(shared.forget("token-2")).toBe(true);
    expect(await shared.token(never)).toBe("token-3");
  });

  it("is shared by all who are the same client, as long as that is among the last that were used", async () => {
    const server = await tokenServer();
    const sources = createTokenSources(hooks(), 2);
    const token = (clientId: string): Promise<string> =>
      sources({ ...CLIENT, tokenUrl: server.url, clientId }).token(never);
    for (const [client, expected] of [
      ["a", 1],
      ["b", 2],
      ["a", 1],
      ["c", 3],
      ["a", 1],
      ["b", 4],
    ] as const)
      expect([client, await token(client)]).toEqual([client, `token-${expected}`]);
  });

  it("is waited for until one's own signal aborts, and not asked for any longer than anybody waits", async () => {
    const answers: ServerResponse[] = [];
    const server = await tokenServer((_count, response) => answers.push(response));
    const shared = source(server);
    const [one, other] = [new AbortController(), new AbortController()];
    const [left, stayed] = [shared.token(one.signal), shared.token(other.signal)];
    const gone = expect(left).rejects.toThrow("enough");
    await poll(
      () => answers.length === 1,
      () => "it was not asked for",
    );
    one.abort(new Error("enough"));
    await gone;
    expect(server.standing()).toBe(1);
    const alone = expect(stayed).rejects.toThrow("enough, too");
    other.abort(new Error("enough, too"));
    await alone;
    await poll(
      () => server.standing() === 0,
      () => "it is still asked for",
    );
    const next = shared.token(never);
    await poll(
      () => answers.length === 2,
      () => "it was not asked for again",
    );
    answers[1]?.end(JSON.stringify({ access_token: "late", token_type: "bearer" }));
    expect(await next).toBe("late");
    await expect(shared.token(AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
  });

  it("that is denied is told without a secret, and asked for again by the next", async () => {
    const answers: readonly (readonly [status: number, body: string, says: RegExp])[] = [
      [401, '{"error":"invalid_client","error_description":"s3cret/%ü is wrong"}', /HTTP 401, invalid_client; are/],
      [400, '{"error":"s3cret/%ü"}', /HTTP 400; are/],
      [403, "<p>s3cret", /HTTP 403; are/],
      [302, "", /HTTP 302/],
      [200, "", /no `access_token`/],
      [200, "[]", /no `access_token`/],
      [200, '{"access_token":5}', /no `access_token`/],
      [200, '{"access_token":"a\\nb: c"}', /no `access_token`/],
      [200, '{"access_token":"s3cret","token_type":"mac"}', /bearer type/],
      [200, `"${"s3cret".repeat(60_000)}"`, /longer than 256 KiB/],
    ];
    for (const [status, body, says] of answers) {
      const server = await tokenServer((_count, response) => {
        response.writeHead(status);
        response.end(body);
      });
      const denied = source(server);
      const fault = await faultOf(denied.token(never));
      expect([body.slice(0, 40), fault.kind]).toEqual([body.slice(0, 40), "token"]);
      expect(fault.message).toMatch(says);
      expect(fault.message).not.toContain("s3cret");
      await faultOf(denied.token(never));
      expect(server.asked).toHaveLength(2);
    }
  });

  it("may be had later from a server that is busy, gone or cut", async () => {
    for (const status of [429, 500, 503]) {
      const server = await tokenServer((_count, response) => void response.writeHead(status).end("{}"));
      expect(await faultOf(source(server).token(never))).toMatchObject({ kind: "unreachable" });
    }
    const cut = await serveRaw((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")),
    );
    expect(await faultOf(source(cut).token(never))).toMatchObject({ kind: "unreachable" });
  });

  it("is asked for through TLS, and under the guard of every other request", async () => {
    const server = await tokenServer();
    const plain = await faultOf(source(server, { tokenUrl: "http://tokens.example/" }).token(never));
    expect(plain).toMatchObject({ kind: "token" });
    expect(plain.message).toMatch(/must begin with `https:`/);
    const inner = await faultOf(source(server, { tokenUrl: "https://127.1/", allowPrivate: [] }).token(never));
    expect(inner).toMatchObject({ kind: "token" });
    expect(inner.message).toMatch(/has an address that is not of the public/);
    const other = await tokenServer();
    const led = await tokenServer((_count, response) => void response.writeHead(307, { Location: other.url }).end());
    expect(await faultOf(source(led).token(never))).toMatchObject({ kind: "token" });
    expect([server.connections(), other.connections()]).toEqual([0, 0]);
  });
});
