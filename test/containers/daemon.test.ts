import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { folder } from "../rig.ts";
import { BUSYBOX, createBusybox, daemon, engine, faultOf, passOn, runInside, serveSocket } from "./engine.ts";

const BOUNDS = { callMs: 10_000, silentPullMs: 10_000, pullMs: 60_000 };
const never = new AbortController().signal;

describe("a daemon at a unix socket", () => {
  it("runs a container with stdin, stdout, stderr and an exit code", async () => {
    const by = await daemon(engine());
    const ran = await runInside(by, ["sh", "-c", "cat; echo problem >&2; exit 3"], "some input\n".repeat(10_000));
    expect(ran).toEqual({ exitCode: 3, end: "whole", stdout: "some input\n".repeat(10_000), stderr: "problem\n" });
    expect(by.isLocal).toBe(true);
  });

  it("ends whole when the command leaves its input alone", async () => {
    const ran = await runInside(await daemon(engine()), ["seq", "100000"], "x".repeat(5_000_000));
    expect(ran).toMatchObject({ exitCode: 0, end: "whole" });
    expect(ran.stdout).toMatch(/\n100000\n$/);
  });

  it("tells of itself and of its images", async () => {
    const by = await daemon(engine());
    await by.ping();
    const info = await by.info();
    expect(info).toMatchObject({ os: "linux", isPodman: false, memory: true, pids: true });
    expect(info.version).toMatch(/^\d+\./);
    expect(await by.info()).toBe(info);
    expect(await by.image(BUSYBOX)).toMatchObject({ user: "", env: ["PATH=/bin"] });
    expect(await by.image("mcpfier/none:test")).toBeNull();
  });

  it("tells of a container's life", async () => {
    const by = await daemon(engine());
    const label = `mcpfier.test=${Math.random()}`;
    const [name = "", value = ""] = label.split("=");
    const id = await createBusybox(by, ["sleep", "60"], { Labels: { [name]: value, other: "" } });
    expect(await by.inspect(id)).toMatchObject({ status: "created", isRunning: false });
    const wait = by.wait(id, "next-exit", never);
    await wait.registered;
    await by.start(id);
    expect(await by.inspect(id)).toMatchObject({ status: "running", isRunning: true, oomKilled: false });
    expect(await by.processes(id)).toBeGreaterThan(0);
    expect(await by.list([label])).toMatchObject([{ id, labels: { [name]: value, other: "" }, state: "running" }]);
    expect(await by.list([label, "missing"])).toEqual([]);
    await by.kill(id, "SIGKILL");
    expect(await wait.ended).toEqual({ exitCode: 137 });
    expect(await by.wait(id, "not-running", never).ended).toEqual({ exitCode: 137 });
    expect(await by.inspect(id)).toMatchObject({ status: "exited", isRunning: false, exitCode: 137 });
    await by.kill(id, "SIGTERM");
    await Promise.all([by.remove(id), by.remove(id), by.remove(id)]);
    await by.remove(id);
    await by.kill(id, "SIGKILL");
    expect(await by.inspect(id)).toBeNull();
    expect(await by.processes(id)).toBeNull();
  });

  it("says in the engine's own words what it denies", async () => {
    const by = await daemon(engine());
    expect(await faultOf(by.create({ Image: "mcpfier/none:test" }))).toMatchObject({ kind: "denied", status: 404 });
    const id = await createBusybox(by, ["/nope"], { HostConfig: { NetworkMode: "none" } });
    const fault = await faultOf(by.start(id));
    expect(fault).toMatchObject({ kind: "denied", status: 400 });
    expect(fault.message).toContain("no such file or directory");
  });

  it("leaves no connection when it is closed, and what waits is lost", async () => {
    const by = await daemon(engine());
    const before = readdirSync("/proc/self/fd").length;
    const id = await createBusybox(by, ["sleep", "60"]);
    await by.attach(id, false);
    const wait = by.wait(id, "next-exit", never);
    await wait.registered;
    by.close();
    expect((await faultOf(wait.ended)).kind).toBe("lost");
    expect((await faultOf(by.ping())).kind).toBe("down");
    await expect.poll(() => readdirSync("/proc/self/fd").length).toBeLessThanOrEqual(before);
  });

  it("stops waiting when it is told to", async () => {
    const by = await daemon(engine());
    const id = await createBusybox(by, ["sleep", "60"]);
    const control = new AbortController();
    const wait = by.wait(id, "next-exit", control.signal);
    await wait.registered;
    control.abort();
    expect((await faultOf(wait.ended)).kind).toBe("slow");
  });
});

describe("an engine that fails", () => {
  it("is down when there is no socket, or nobody behind it", async () => {
    const missing = await faultOf((await daemon(`unix://${folder()}/none.sock`)).ping());
    expect(missing.kind).toBe("down");
    expect(missing.message).toContain("there is no such socket (ENOENT)");
    const refused = await faultOf((await daemon("tcp://127.0.0.1:1")).ping());
    expect(refused.kind).toBe("down");
    expect(refused.message).toContain("ECONNREFUSED");
  });

  it("is slow when it is frozen, whatever it is asked", async () => {
    const by = await daemon(await serveSocket(() => undefined), undefined, { ...BOUNDS, callMs: 50 });
    const id = "a".repeat(64);
    const calls = [
      by.ping(),
      by.info(),
      by.image("x"),
      by.create({}),
      by.attach(id, true),
      by.start(id),
      by.wait(id, "next-exit", never).registered,
      by.inspect(id),
      by.processes(id),
      by.kill(id, "SIGKILL"),
      by.remove(id),
      by.list([]),
    ];
    for (const fault of await Promise.all(calls.map((call) => faultOf(call)))) expect(fault.kind).toBe("slow");
  });

  it("is slow when it freezes within its answer", async () => {
    const address = await serveSocket((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1"));
    const by = await daemon(address, undefined, { ...BOUNDS, callMs: 50 });
    expect((await faultOf(by.list([]))).kind).toBe("slow");
  });

  it("is lost the moment it cuts, before or within its answer", async () => {
    const id = "a".repeat(64);
    for (const answer of ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1"]) {
      const by = await daemon(
        await serveSocket((socket) => socket.once("data", () => socket.end(answer, () => socket.destroy()))),
      );
      for (const call of [by.list([]), by.start(id), by.info(), by.wait(id, "next-exit", never).ended])
        expect((await faultOf(call)).kind).toBe("lost");
    }
  });

  it("is lost to a wait at once when the connection breaks", async () => {
    const sockets: { destroy(): void }[] = [];
    const through = await daemon(await serveSocket((socket) => sockets.push(socket, passOn(socket))));
    const id = await createBusybox(through, ["sleep", "60"]);
    const wait = through.wait(id, "next-exit", never);
    await wait.registered;
    await through.start(id);
    for (const socket of sockets) socket.destroy();
    expect((await faultOf(wait.ended)).kind).toBe("lost");
  });

  it.each([
    ["no HTTP", "220 mail.example.com ESMTP\r\n"],
    ["an empty answer", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
    ["null", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull"],
    ["an id that is a path", 'HTTP/1.1 201 Created\r\nContent-Length: 15\r\n\r\n{"Id":"../../x"}'],
  ])("is not believed when it answers with %s", async (_what, answer) => {
    const by = await daemon(await serveSocket((socket) => socket.once("data", () => socket.end(answer))));
    const fault = await faultOf(by.create({ Image: "x" }));
    expect(fault.kind).toBe("lost");
    expect((await faultOf(by.wait("a".repeat(64), "next-exit", never).ended)).kind).toBe("lost");
  });

  it("does not see a container's environment in the address of a request", async () => {
    let seen = "";
    const address = await serveSocket((socket) => {
      socket.on("data", (chunk) => {
        seen += chunk.toString();
        if (seen.includes("top-secret"))
          socket.end('HTTP/1.1 201 Created\r\nContent-Length: 21\r\n\r\n{"Id":"abcdefabcdef"}');
      });
    });
    expect(await (await daemon(address)).create({ Env: ["KEY=top-secret"] })).toBe("abcdefabcdef");
    expect(seen.split("\r\n")[0]).toBe("POST /containers/create HTTP/1.1");
    expect(seen.match(/top-secret/g)).toHaveLength(1);
  });
});
