import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { poll } from "../rig.ts";
import { faultOf, get, hooks, lookupOf, request, serve } from "./service.ts";

describe("a webhook", () => {
  it("does not reach this machine by any spelling of its address", async () => {
    let asked = 0;
    const { port } = await serve((_request, response) => response.end(String((asked += 1))));
    const by = hooks();
    for (const host of [
      "127.0.0.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "127.1",
      "127.0.1",
      "0",
      "0.0.0.0",
      "127.0.0.1.",
      "①②⑦.0.0.1",
      "[::1]",
      "[::]",
      "[::ffff:127.0.0.1]",
      "[::127.0.0.1]",
      "[64:ff9b::7f00:1]",
      "[2002:7f00:1::]",
      "localhost",
      "localhost.",
      "LOCALHOST",
    ]) {
      const fault = await faultOf(
        by.send(request(`http://${host}:${port}/`, { allowPrivate: [] }), new AbortController().signal),
      );
      expect([host, fault.kind]).toEqual([host, "forbidden"]);
      expect(fault.message).toMatch(/has an address that is not of the public internet; `allow_private` .* opens it/);
    }
    expect(asked).toBe(0);
  });

  it("reaches what the system itself would read as an address only when that is public", async () => {
    const { port, connections } = await serve((_request, response) => response.end());
    // The system's look-up, to which each of these is a number.
    for (const host of ["127.0.0.1..", "127.0.0.1%2e"]) {
      const fault = await faultOf(get(hooks(), request(`http://${host}:${port}/`, { allowPrivate: [] })));
      expect([host, ["forbidden", "unreachable", "refused"].includes(fault.kind)]).toEqual([host, true]);
    }
    expect(connections()).toBe(0);
  });

  it("does not reach a name when one of its addresses is private", async () => {
    const { port, connections } = await serve((_request, response) => response.end());
    for (const addresses of [
      ["127.0.0.1"],
      ["93.184.216.34", "127.0.0.1"],
      ["2606:4700:4700::1111", "::1"],
      ["169.254.169.254"],
      ["::ffff:127.0.0.1"],
      ["fe80::1"],
    ]) {
      const by = hooks({ lookup: lookupOf(addresses) });
      const fault = await faultOf(get(by, request(`http://service.example:${port}/`)));
      expect([addresses, fault.kind]).toEqual([addresses, "forbidden"]);
    }
    expect(connections()).toBe(0);
  });

  it("connects to the address that was checked, and does not look it up again", async () => {
    const { port, connections } = await serve((_request, response) => response.end());
    // Public, and given to nobody, so that nobody is connected to.
    const lookup = lookupOf(["2d00::1"], ["127.0.0.1"]);
    const cut = new AbortController();
    const sent = get(hooks({ lookup }), request(`http://rebinding.example:${port}/`), cut.signal);
    const failed = expect(sent).rejects.toThrow(/enough|cannot be reached/);
    await poll(
      () => lookup.answered() === 1,
      () => "the name was not looked up",
    );
    cut.abort(new Error("enough"));
    await failed;
    expect([lookup.answered(), connections()]).toEqual([1, 0]);
  });

  it("is let in by `allow_private` under the host's own name only", async () => {
    const { port } = await serve((_request, response) => response.end("in"));
    const by = hooks();
    expect((await get(by, request(`http://localhost:${port}/`, { allowPrivate: ["localhost"] }))).text).toBe("in");
    expect((await get(by, request(`http://127.0.0.1:${port}/`, { allowPrivate: ["127.1"] }))).text).toBe("in");
    for (const [host, allowed] of [
      ["127.0.0.1", "localhost"],
      ["localhost", "127.0.0.1"],
      ["localhost", "*"],
      ["localhost", `localhost:${port + 1}`],
    ]) {
      const asked = request(`http://${host}:${port}/`, { allowPrivate: [allowed ?? ""] });
      expect([host, allowed, (await faultOf(get(by, asked))).kind]).toEqual([host, allowed, "forbidden"]);
    }
  });

  it("does not use the connection that another one may make", async () => {
    const { port, connections } = await serve((_request, response) => response.end("in"));
    const by = hooks();
    const url = `http://localhost:${port}/`;
    expect((await get(by, request(url, { allowPrivate: ["localhost"] }))).text).toBe("in");
    expect((await faultOf(get(by, request(url, { allowPrivate: [] })))).kind).toBe("forbidden");
    expect((await get(by, request(url, { allowPrivate: ["localhost"] }))).text).toBe("in");
    expect(connections()).toBe(2);
  });

  it("does not take the connection over that another one began and left", async () => {
    const asked = new Set<string | undefined>();
    const { port } = await serve((incoming, response) => {
      asked.add(incoming.url);
      response.end();
    });
    const by = hooks();
    for (let round = 0; round < 50; round++) {
      const cut = new AbortController();
      const begun = request(`http://localhost:${port}/begun`, { allowPrivate: ["localhost"] });
      const left = by.send(begun, cut.signal).catch(() => undefined);
      // At different moments of the connection.
      for (let tick = 0; tick < round % 5; tick++) await Promise.resolve();
      if (round % 7 > 4) await new Promise(setImmediate);
      cut.abort();
      const other = request(`http://localhost:${port}/other`, { allowPrivate: [] });
      expect((await faultOf(get(by, other))).kind).toBe("forbidden");
      await left;
    }
    expect(asked).not.toContain("/other");
  });

  it("does not use a proxy that the environment names", async () => {
    const proxy = await serve((_request, response) => response.end("from the proxy"));
    const { url } = await serve((_request, response) => response.end("from the service"));
    const script = `
      const { createHooks } = await import(${JSON.stringify(new URL("../../src/webhooks/hooks.ts", import.meta.url).href)});
      const { body } = await createHooks().send(${JSON.stringify(request(url))}, new AbortController().signal);
      body.pipe(process.stdout);`;
    const env = { NODE_USE_ENV_PROXY: "1", http_proxy: proxy.url, HTTP_PROXY: proxy.url, ALL_PROXY: proxy.url };
    const ran = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env });
    expect([ran.stdout, proxy.connections()]).toEqual(["from the service", 0]);
  });
});
