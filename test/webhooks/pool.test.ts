import { getEventListeners } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { poll } from "../rig.ts";
import { faultOf, get, hooks, never, request, serve, serveRaw } from "./service.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("the pool", () => {
  it("carries 50 calls over the connections of one host, and uses them again", async () => {
    let [now, most] = [0, 0];
    const service = await serve((_request, response) => {
      most = Math.max(most, (now += 1));
      setTimeout(() => {
        now -= 1;
        response.end("x".repeat(100_000));
      }, 2);
    });
    const by = hooks();
    const got = await Promise.all(Array.from({ length: 50 }, () => get(by, request(service.url))));
    expect(got.every(({ text }) => text.length === 100_000)).toBe(true);
    expect(service.connections()).toBe(8);
    expect(most).toBeLessThanOrEqual(8);
    for (let round = 0; round < 20; round++)
      await get(by, request(service.url, { method: "POST", body: Buffer.from("x") }));
    expect(service.connections()).toBe(8);
  });

  it("bounds the connections to all hosts, and lets no idle one stand in the way of another host", async () => {
    const services = await Promise.all(
      Array.from({ length: 5 }, () => serve((_request, response) => response.end("ok"))),
    );
    const by = hooks({ inAll: 3 });
    for (const service of services) await get(by, request(service.url));
    for (const service of services.toReversed()) await get(by, request(service.url));
    // The idle ones of the last three were kept, and those that were used longest ago made room for others.
    expect(services.map((service) => service.connections())).toEqual([2, 2, 1, 1, 1]);
    await Promise.all([...services, ...services].map((service) => get(by, request(service.url))));
    const standing = (): number => services.reduce((sum, service) => sum + service.standing(), 0);
    // A service hears of a closed connection a moment after it was closed.
    await poll(
      () => standing() <= 3,
      () => `${standing()} connections stand`,
    );
  });

  it("lets a call that waits for its turn go when its signal aborts, and the others have theirs", async () => {
    const sockets: Socket[] = [];
    const service = await serveRaw((socket) => void sockets.push(socket));
    const by = hooks({ perHost: 1 });
    const first = get(by, request(service.url));
    const cut = new AbortController();
    const second = get(by, request(service.url), cut.signal);
    const third = get(by, request(service.url));
    cut.abort(new Error("enough"));
    expect(await faultOf(second)).toMatchObject({
      kind: "unreachable",
      message: `it waited for one of the 1 connections to ${service.url}`,
    });
    await poll(
      () => sockets.length === 1,
      () => "no connection was made",
    );
    sockets[0]?.on("data", () => sockets[0]?.write(OK));
    expect([(await first).text, (await third).text, service.connections()]).toEqual(["ok", "ok", 1]);
  });

  it("gives a turn back whatever becomes of the answer", async () => {
    let waiting = 0;
    const service = await serve((asked, response) => {
      if (asked.url === "/never") waiting += 1;
      if (asked.url === "/cut") response.destroy();
      else if (asked.url === "/half") response.write("half", () => response.destroy());
      else if (asked.url === "/long") response.write("long");
      else if (asked.url !== "/never") response.end("ok");
    });
    const by = hooks({ perHost: 1 });
    for (let round = 0; round < 3; round++) {
      expect((await faultOf(get(by, request(`${service.url}/cut`)))).kind).toBe("lost");
      expect((await faultOf(get(by, request(`${service.url}/half`)))).kind).toBe("lost");
      const { body } = await by.send(request(`${service.url}/long`), never);
      body.destroy();
      const [during, before] = [new AbortController(), new AbortController()];
      const { body: read } = await by.send(request(`${service.url}/long`), during.signal);
      during.abort(new Error("enough"));
      await expect(read.toArray()).rejects.toThrow("enough");
      const unanswered = expect(by.send(request(`${service.url}/never`), before.signal)).rejects.toThrow("enough");
      await poll(
        () => waiting > round,
        () => "it was not asked",
      );
      before.abort(new Error("enough"));
      await unanswered;
      expect((await faultOf(by.send(request(service.url, { allowPrivate: [] }), never))).kind).toBe("forbidden");
      expect((await get(by, request(service.url))).text).toBe("ok");
    }
  });

  it("asks again what may be asked twice when a kept connection turns out to be closed, and tells of what may not", async () => {
    let asked = 0;
    // Each connection carries one request, and is cut at the next.
    const service = await serveRaw((socket) => {
      let mine = 0;
      socket.on("data", () => {
        asked += 1;
        if ((mine += 1) === 1) socket.write(OK);
        else socket.destroy();
      });
    });
    const by = hooks();
    await get(by, request(service.url));
    expect((await get(by, request(service.url))).text).toBe("ok");
    expect([asked, service.connections()]).toEqual([3, 2]);
    const fault = await faultOf(get(by, request(service.url, { method: "POST" })));
    expect([fault.kind, asked]).toEqual(["lost", 4]);
  });

  it("asks once again, by a new connection, however many kept ones there are", async () => {
    let asked = 0;
    let deletes = 0;
    const service = await serveRaw((socket) => {
      socket.on("data", (chunk: Buffer) => {
        asked += 1;
        const isDelete = chunk.toString().startsWith("DELETE");
        deletes += isDelete ? 1 : 0;
        if (isDelete) socket.destroy();
        else socket.write(OK);
      });
    });
    const by = hooks();
    await Promise.all(Array.from({ length: 4 }, () => get(by, request(service.url))));
    expect([asked, service.connections()]).toEqual([4, 4]);
    const fault = await faultOf(get(by, request(service.url, { method: "DELETE" })));
    expect([fault.kind, deletes, service.connections()]).toEqual(["lost", 2, 5]);
    expect((await get(by, request(service.url))).text).toBe("ok");
  });

  it("asks nothing again once an answer has begun", async () => {
    let asked = 0;
    const service = await serve((_request, response) => {
      if ((asked += 1) === 1) response.end("ok");
      else response.write("half", () => response.destroy());
    });
    const by = hooks();
    await get(by, request(service.url));
    expect((await faultOf(get(by, request(service.url)))).kind).toBe("lost");
    expect((await faultOf(get(by, request(service.url)))).kind).toBe("lost");
    expect([asked, service.connections()]).toEqual([3, 2]);
  });

  it("closes connections that nobody uses", async () => {
    const service = await serve((_request, response) => response.end("ok"));
    await get(hooks(), request(service.url));
    expect(service.standing()).toBe(1);
    await poll(
      () => service.standing() === 0,
      () => "the connection stands",
    );
  });

  it("keeps no listener on a signal that outlives its calls", async () => {
    const service = await serve((_request, response) => response.end("ok"));
    const by = hooks();
    const { signal } = new AbortController();
    for (let round = 0; round < 20; round++) await get(by, request(service.url), signal);
    await poll(
      () => getEventListeners(signal, "abort").length === 0,
      () => "listeners are left",
    );
  });
});
