import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import { certificates } from "../containers/certificates.ts";
import { atEnd, poll } from "../rig.ts";
import { type Service, faultOf, get, hooks, listen, never, request, serveRaw } from "./service.ts";

/** A service whose certificate, for 127.0.0.1, is signed by an authority of its own, which Node trusts until the test ends. */
async function serveTls({ isTrusted = true } = {}): Promise<Service> {
  const at = certificates();
  const pem = (name: string): Buffer => readFileSync(join(at, name));
  if (isTrusted) trust(pem("ca.pem").toString());
  const server = createServer({ cert: pem("server-cert.pem"), key: pem("server-key.pem") }, (asked, response) => {
    response.end(`${asked.headers.host} ${(asked.socket as { servername?: string | false }).servername || "-"}`);
  });
  return listen(server, "https:");
}

function trust(authority: string): void {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, authority]);
  atEnd(() => setDefaultCACertificates(before));
}

describe("a service behind TLS", () => {
  it("is spoken to when its certificate is right, over connections that are kept", async () => {
    const service = await serveTls();
    const by = hooks();
    for (let round = 0; round < 3; round++)
      expect((await get(by, request(service.url))).text).toBe(`127.0.0.1:${service.port} -`);
    expect(service.connections()).toBe(1);
  });

  it("is unreachable when nobody we know signed its certificate, or when it is for another host", async () => {
    const strange = await serveTls({ isTrusted: false });
    const fault = await faultOf(get(hooks(), request(strange.url)));
    expect(fault.kind).toBe("unreachable");
    expect(fault.message).toMatch(/authority is not known .*NODE_EXTRA_CA_CERTS/);
    const service = await serveTls();
    const url = service.url.replace("127.0.0.1", "localhost");
    const other = await faultOf(get(hooks(), request(url, { allowPrivate: ["localhost"] })));
    expect(other.kind).toBe("unreachable");
    expect(other.message).toMatch(/for another host/);
  });

  it("is checked whatever the environment says", async () => {
    const strange = await serveTls({ isTrusted: false });
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      expect((await faultOf(get(hooks(), request(strange.url)))).kind).toBe("unreachable");
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    }
  });

  it("is unreachable when it does not finish its greeting in time", async () => {
    const service = await serveRaw((socket) => socket.resume());
    const fault = await faultOf(hooks({ connectMs: 200 }).send(request(service.url.replace("http:", "https:")), never));
    expect(fault).toMatchObject({ kind: "unreachable" });
    expect(fault.message).toMatch(/no connection within 0.2 s/);
    await poll(
      () => service.standing() === 0,
      () => "the connection stands",
    );
  });

  it("is left by the signal while it does not finish its greeting, and nothing was sent to it", async () => {
    let heard = 0;
    const service = await serveRaw((socket) => void socket.on("data", () => (heard += 1)));
    const cut = new AbortController();
    const sent = expect(hooks().send(request(service.url.replace("http:", "https:")), cut.signal)).rejects.toThrow(
      "enough",
    );
    await poll(
      () => heard > 0,
      () => "no greeting came",
    );
    cut.abort(new Error("enough"));
    await sent;
    await poll(
      () => service.standing() === 0,
      () => "the connection stands",
    );
  });

  it("does not take a connection over that another webhook opens for itself", async () => {
    const service = await serveTls();
    const by = hooks();
    await get(by, request(service.url));
    // Not by the address, which is refused as it stands there, but through the pool.
    const url = service.url.replace("127.0.0.1", "localhost");
    expect((await faultOf(by.send(request(url, { allowPrivate: [] }), never))).kind).toBe("forbidden");
    expect(service.connections()).toBe(1);
  });
});
