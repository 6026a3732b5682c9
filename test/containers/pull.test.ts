import { chmodSync } from "node:fs";
import { type Socket, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, host } from "../rig.ts";
import { daemon, engine, faultOf, passOn, serveSocket } from "./engine.ts";
import { listenForEngine, registry } from "./registry.ts";

const never = new AbortController().signal;
const quiet = (): void => undefined;
const QUICK = { callMs: 10_000, silentPullMs: 300, pullMs: 60_000 };

function hostWith(config: object, bin = ""): typeof host {
  const home = folder({ "config.json": JSON.stringify(config) });
  return { ...host, env: { ...host.env, DOCKER_CONFIG: home }, path: bin === "" ? host.path : `${bin}:${host.path}` };
}

describe("a pull", () => {
  it("fetches an image and tells how far it is", async () => {
    const { image, release, asked } = await registry({ holdAt: 1_500_000 });
    const by = await daemon(engine());
    const told: string[] = [];
    const pull = by.pull(image, (what) => told.push(what), never);
    await asked;
    await expect.poll(() => told.at(-1)).toMatch(/^pulling 127\.0\.0\.1:\d+\/test\/image:one: [01]\.\d of 3\.0 MB$/);
    release();
    await pull;
    expect(await by.image(image)).toMatchObject({ user: "me" });
    expect(told[0]).toBe(`pulling ${image}`);
  });

  it("is shared by all who ask meanwhile, and goes on while one of them waits", async () => {
    const { image, release, asked, fetched } = await registry({ holdAt: 1000 });
    const by = await daemon(engine());
    const first = new AbortController();
    const one = by.pull(image, quiet, first.signal);
    await asked;
    const others = [by.pull(image, quiet, never), by.pull(image, quiet, never)];
    first.abort();
    expect((await faultOf(one)).kind).toBe("slow");
    release();
    await Promise.all(others);
    expect(fetched()).toBe(1);
    expect(await by.image(image)).not.toBeNull();
  });

  it("is given up when nobody waits any more, and can be asked for again", async () => {
    const { image, release, asked } = await registry({ holdAt: 1000 });
    const sockets: Socket[] = [];
    const by = await daemon(await serveSocket((socket) => sockets.push(socket, passOn(socket))));
    const control = new AbortController();
    const pulls = [by.pull(image, quiet, control.signal), by.pull(image, quiet, control.signal)];
    await asked;
    control.abort();
    for (const pull of pulls) expect((await faultOf(pull)).kind).toBe("slow");
    await expect.poll(() => sockets.every((socket) => socket.destroyed)).toBe(true);
    expect(await by.image(image)).toBeNull();
    release();
    await by.pull(image, quiet, never);
    expect(await by.image(image)).not.toBeNull();
  });

  it("is given up when the registry never answers", async () => {
    const port = await listenForEngine(createServer(quiet));
    const by = await daemon(engine(), host, QUICK);
    const fault = await faultOf(by.pull(`127.0.0.1:${port}/x:y`, quiet, never));
    expect(fault).toMatchObject({ kind: "slow" });
    expect(fault.message).toContain("nothing came for 0.3 s");
  });

  it("is given up when it takes too long in all, however busy it is", async () => {
    const line = '{"status":"Waiting"}\n';
    const address = await serveSocket((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const timer = setInterval(() => socket.write(line), 20);
      socket.once("close", () => clearInterval(timer));
    });
    const by = await daemon(address, host, { ...QUICK, pullMs: 200 });
    const fault = await faultOf(by.pull("x", quiet, never));
    expect(fault.kind).toBe("slow");
    expect(fault.message).toContain("it took more than");
  });

  it.each([
    [
      "denied",
      "an error among its lines",
      '{"status":"a"}\r\n{"errorDetail":{"message":"no space"},"error":"no space"}\r\n',
      99,
    ],
    ["lost", "a cut", '{"status":"a"}\n{"sta', 99],
    ["lost", "what is no JSON", "<html>\n", 7],
  ])("is %s by %s", async (kind, _what, body, length) => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${kind === "denied" ? body.length : length}\r\n\r\n`;
    const by = await daemon(await serveSocket((socket) => socket.once("data", () => socket.end(head + body))));
    expect((await faultOf(by.pull("x", quiet, never))).kind).toBe(kind);
  });

  it("is denied in the engine's own words when there is no registry", async () => {
    const fault = await faultOf((await daemon(engine())).pull("127.0.0.1:1/x:y", quiet, never));
    expect(fault.kind).toBe("denied");
    expect(fault.message).toContain("connection refused");
  });
});

describe("a pull from a registry with a login", () => {
  const login = "me:pass:word";

  it("is denied without it", async () => {
    const { image } = await registry({ login });
    expect((await faultOf((await daemon(engine(), hostWith({}))).pull(image, quiet, never))).kind).toBe("denied");
  });

  it("takes it from Docker's own configuration", async () => {
    const { image } = await registry({ login });
    const auths = { [image.split("/")[0] ?? ""]: { auth: Buffer.from(login).toString("base64") } };
    const by = await daemon(engine(), hostWith({ auths }));
    await by.pull(image, quiet, never);
    expect(await by.image(image)).not.toBeNull();
  });

  it("takes it from a credential helper, which reads the registry's name", async () => {
    const { image } = await registry({ login });
    const script = `#!/bin/sh\nread -r name\n[ "$1 $name" = "get ${image.split("/")[0]}" ] && echo '{"Username":"me","Secret":"pass:word"}'\n`;
    const bin = folder({ "docker-credential-test": script });
    chmodSync(join(bin, "docker-credential-test"), 0o755);
    const by = await daemon(engine(), hostWith({ credsStore: "test" }, bin));
    await by.pull(image, quiet, never);
    expect(await by.image(image)).not.toBeNull();
  });

  it("is denied when the helper is missing or fails, and tries without a login when it knows none", async () => {
    const { image } = await registry();
    const missing = await faultOf((await daemon(engine(), hostWith({ credsStore: "gone" }))).pull(image, quiet, never));
    expect(missing.message).toContain("docker-credential-gone did not give the login");
    expect(missing.message).toContain("no such program");
    const bin = folder({
      "docker-credential-fails": "#!/bin/sh\nexit 4\n",
      "docker-credential-none": "#!/bin/sh\necho 'credentials not found in native keychain'\nexit 1\n",
    });
    for (const name of ["fails", "none"]) chmodSync(join(bin, `docker-credential-${name}`), 0o755);
    const failing = await daemon(engine(), hostWith({ credsStore: "fails" }, bin));
    expect((await faultOf(failing.pull(image, quiet, never))).message).toContain("it ended with 4");
    await (await daemon(engine(), hostWith({ credsStore: "none" }, bin))).pull(image, quiet, never);
  });
});
