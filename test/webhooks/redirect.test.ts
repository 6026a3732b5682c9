import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { follow, locationOf } from "../../src/webhooks/redirect.ts";
import { poll } from "../rig.ts";
import { type Service, faultOf, get, hooks, request, serve } from "./service.ts";

/** Tells what it was asked; `/to?status=S&url=U` leads elsewhere. */
function echo(): Promise<Service> {
  return serve((asked, response) => {
    const url = new URL(asked.url ?? "", "http://here/");
    const status = url.searchParams.get("status");
    if (url.pathname === "/to") {
      response.writeHead(Number(status), { Location: url.searchParams.get("url") ?? "" });
      response.end("moved");
      return;
    }
    void text(asked).then((body) =>
      response.end(JSON.stringify({ method: asked.method, url: asked.url, body, headers: asked.headers })),
    );
  });
}

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const to = (service: Service, status: number, url: string): string =>
  `${service.url}/to?status=${status}&url=${encodeURIComponent(url)}`;

const SECRETS = [
  ["Authorization", "Bearer secret"],
  ["Cookie", "id=secret"],
  ["X-Api-Key", "secret"],
  ["X-Plain", "plain"],
] as const;

describe("a redirect", () => {
  it("keeps or changes the method as browsers do", async () => {
    const service = await echo();
    const by = hooks();
    for (const [status, method, then] of [
      [301, "POST", "GET"],
      [302, "POST", "GET"],
      [303, "POST", "GET"],
      [307, "POST", "POST"],
      [308, "POST", "POST"],
      [301, "PUT", "PUT"],
      [303, "PUT", "GET"],
      [303, "DELETE", "GET"],
      [302, "GET", "GET"],
    ] as const) {
      const asked = request(to(service, status, "/there?x=1#frag"), {
        method,
        headers: [
          ["Content-Type", "text/plain"],
          ["X-Plain", "plain"],
        ],
        body: Buffer.from("body"),
      });
      const got = await get(by, asked);
      const seen = JSON.parse(got.text) as Seen;
      const isKept = then === method;
      expect([status, method, seen.method, seen.body]).toEqual([status, method, then, isKept ? "body" : ""]);
      expect(seen.headers["content-type"]).toBe(isKept ? "text/plain" : undefined);
      expect(seen.headers["x-plain"]).toBe("plain");
      expect(got.url).toBe(`${service.url}/there?x=1`);
    }
    expect((await get(by, request(to(service, 303, "/there"), { method: "HEAD" }))).status).toBe(200);
  });

  it("leads to a listed host only, and takes no credentials along to another origin", async () => {
    const [one, other] = [await echo(), await echo()];
    const by = hooks();
    const url = to(one, 307, `${other.url}/there`);
    const fault = await faultOf(get(by, request(url, { headers: SECRETS, credentials: ["x-api-key"] })));
    expect(fault).toMatchObject({ kind: "redirect" });
    expect(fault.message).toBe(
      `${one.url} leads to ${other.url}, which the webhook does not list in \`hosts\`; it is not followed`,
    );
    expect(other.connections()).toBe(0);
    const hosts = [`127.0.0.1:${other.port}`];
    const led = await get(by, request(url, { headers: SECRETS, credentials: ["x-api-key"], hosts }));
    expect((JSON.parse(led.text) as Seen).headers).toMatchObject({ "x-plain": "plain" });
    expect(led.text).not.toContain("secret");
    const stayed = await get(by, request(to(one, 307, "/there"), { headers: SECRETS, credentials: ["x-api-key"] }));
    expect((JSON.parse(stayed.text) as Seen).headers).toMatchObject({
      authorization: "Bearer secret",
      cookie: "id=secret",
      "x-api-key": "secret",
    });
    // Nor when it leads back.
    const back = await get(
      by,
      request(to(one, 307, to(other, 307, `${one.url}/there`)), {
        headers: SECRETS,
        credentials: ["x-api-key"],
        hosts,
      }),
    );
    expect(back.text).not.toContain("secret");
  });

  it("does not lead to a private address by a listed name that `allow_private` does not open", async () => {
    const service = await echo();
    const by = hooks();
    for (const host of ["localhost", "127.1", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"]) {
      const target = `http://${host}:${service.port}/there`;
      const hosts = [host, new URL(target).hostname];
      const fault = await faultOf(
        get(
          by,
          request(`${service.url.replace("127.0.0.1", "localhost")}/to?status=302&url=${encodeURIComponent(target)}`, {
            hosts,
            allowPrivate: ["localhost"].filter((name) => name !== host),
          }),
        ),
      );
      expect([host, fault.kind]).toEqual([host, host === "localhost" ? "forbidden" : "redirect"]);
      expect(fault.message).toMatch(/has an address that is not of the public/);
    }
    const opened = request(to(service, 302, `http://localhost:${service.port}/there`), {
      hosts: ["localhost"],
      allowPrivate: ["127.0.0.1", "localhost"],
    });
    expect((await get(by, opened)).status).toBe(200);
  });

  it("is not followed in a circle, nor more than five times, nor to what is no web", async () => {
    const service = await serve((asked, response) => {
      const [, kind, count] = (asked.url ?? "").split("/");
      const next = {
        circle: "/circle",
        count: `/count/${Number(count) - 1}`,
        user: "http://user:secret@127.0.0.1/",
        file: "file:///etc/passwd",
        garbage: "http://[",
        script: "data:text/plain,x",
        port: "http://127.0.0.1:0/",
      }[kind ?? ""];
      const isEnd = kind === "count" && count === "0";
      response.writeHead(isEnd ? 200 : 302, isEnd ? {} : { Location: next ?? "" });
      response.end("end");
    });
    const by = hooks();
    expect((await get(by, request(`${service.url}/count/5`))).text).toBe("end");
    for (const path of ["circle", "count/6", "user", "file", "garbage", "script", "port"]) {
      const fault = await faultOf(get(by, request(`${service.url}/${path}`, { hosts: ["127.0.0.1"] })));
      expect([path, fault.kind]).toEqual([path, "redirect"]);
      expect(fault.message).not.toMatch(/secret|passwd/);
    }
    await poll(
      () => service.standing() <= 1,
      () => "answers that were not read hold their connections",
    );
  });

  it("is an answer when it says no place, or is none that leads", async () => {
    const service = await serve((asked, response) => {
      response.writeHead(Number(asked.url?.slice(1)), asked.url === "/302" ? {} : { Location: "/elsewhere" });
      response.end();
    });
    for (const status of [201, 300, 302, 304, 305])
      expect((await get(hooks(), request(`${service.url}/${status}`))).status).toBe(status);
  });

  it("never leads from TLS to plain text, and from plain text to TLS on the same host", () => {
    const home = new URL("https://a.example/");
    const asked = request(home.href, { hosts: ["a.example", "b.example"], headers: SECRETS });
    for (const target of ["http://a.example/", "http://b.example/", "http://a.example:443/"])
      expect(() => follow(asked, 302, target, home)).toThrow(/which is not encrypted/);
    const plain = new URL("http://a.example/x");
    // What was sent there in plain text loses nothing by TLS.
    const raised = follow(request(plain.href, { headers: SECRETS }), 301, "https://a.example/y", plain);
    expect(raised).toMatchObject({ url: "https://a.example/y", headers: SECRETS });
    const body = { method: "POST", body: Buffer.from("secret"), isBodySecret: true };
    expect(follow(request(plain.href, body), 308, "https://a.example/y", plain)).toMatchObject(body);
    const odd = request("http://a.example:8080/", { headers: SECRETS, hosts: ["a.example"] });
    for (const target of ["https://a.example/", "https://a.example:8080/", "http://a.example/"])
      expect(follow(odd, 302, target, new URL(odd.url)).headers.map(([name]) => name)).not.toContain("Authorization");
    expect(() => follow(request(plain.href), 301, "https://a.example:8443/", plain)).toThrow(/does not list/);
    expect(locationOf(302, Buffer.from("/ü").toString("latin1"))).toBe("/ü");
  });
});
