import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Host } from "../../src/base/host.ts";
import { Refusal } from "../../src/base/refusal.ts";
import { locate } from "../../src/containers/locate.ts";
import { atEnd, folder, host } from "../rig.ts";

function hostWith(home: string, env: Readonly<Record<string, string>> = {}): Host {
  return { ...host, home, env };
}

function contextFiles(name: string, endpoint: object, tls: readonly string[] = []): Record<string, string> {
  const id = createHash("sha256").update(name).digest("hex");
  return Object.fromEntries([
    [`.docker/contexts/meta/${id}/meta.json`, JSON.stringify({ Name: name, Endpoints: { docker: endpoint } })],
    ...tls.map((file) => [`.docker/contexts/tls/${id}/docker/${file}`, "pem"]),
  ]) as Record<string, string>;
}

async function refused(text: string | null, at: Host): Promise<string> {
  const error: unknown = await locate(text, at).catch((fault: unknown) => fault);
  expect(error).toBeInstanceOf(Refusal);
  expect((error as Refusal).code).toBe("engine.down");
  return (error as Refusal).message;
}

describe("an engine is found", () => {
  it("by DOCKER_HOST before any context", async () => {
    const home = folder({
      ".docker/config.json": '{"currentContext":"far"}',
      ...contextFiles("far", { Host: "tcp://far:1" }),
    });
    const found = await locate(null, hostWith(home, { DOCKER_HOST: "unix:///run/mine.sock", DOCKER_CONTEXT: "far" }));
    expect(found).toMatchObject({ name: "unix:///run/mine.sock", from: "DOCKER_HOST", address: { kind: "unix" } });
  });

  it("by DOCKER_HOST with TLS, whose files are those that exist", async () => {
    const home = folder({ "certs/ca.pem": "pem", "certs/key.pem": "pem" });
    const env = { DOCKER_HOST: "tcp://far:99", DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: join(home, "certs") };
    const tls = { ca: join(home, "certs/ca.pem"), cert: null, key: join(home, "certs/key.pem"), isVerified: true };
    expect((await locate(null, hostWith(home, env))).address).toEqual({ kind: "tcp", host: "far", port: 99, tls });
  });

  it("at the address of a catalogue, with TLS on its port alone", async () => {
    const home = folder({ ".docker/ca.pem": "pem" });
    expect(await locate("tcp://far:2376", hostWith(home))).toMatchObject({
      from: "the catalogue",
      address: { tls: { ca: join(home, ".docker/ca.pem"), cert: null } },
    });
    expect((await locate("tcp://far:2375", hostWith(home))).address).toMatchObject({ tls: null });
  });

  it("by the current docker context, with the context's own certificates", async () => {
    const endpoint = { Host: "tcp://far:1234", SkipTLSVerify: true };
    const home = folder({
      ".docker/config.json": '{"currentContext":"far"}',
      ...contextFiles("far", endpoint, ["ca.pem"]),
    });
    const found = await locate(null, hostWith(home));
    expect(found.from).toBe("the docker context `far` (named by the current docker context)");
    expect(found.address).toMatchObject({ host: "far", tls: { isVerified: false, cert: null } });
  });

  it("by DOCKER_CONTEXT, in the folder of DOCKER_CONFIG, and by context://NAME", async () => {
    const home = folder(contextFiles("near", { Host: "ssh://me@near" }));
    const other = hostWith("/nowhere", { DOCKER_CONFIG: join(home, ".docker"), DOCKER_CONTEXT: "near" });
    expect((await locate(null, other)).name).toBe("ssh://me@near");
    expect((await locate("context://near", hostWith(home))).name).toBe("ssh://me@near");
  });

  it("at a usual socket that exists, the default context being none", async () => {
    const home = folder({ ".docker/config.json": '{"currentContext":"default"}' });
    const socket = join(home, "docker.sock");
    const server = createServer().listen(socket);
    atEnd(() => server.close());
    await once(server, "listening");
    const found = await locate(null, hostWith(home, { XDG_RUNTIME_DIR: home, DOCKER_HOST: "" }));
    expect(found.from).toBe("the usual sockets");
    expect(found.name).toBe(existsSync("/var/run/docker.sock") ? "unix:///var/run/docker.sock" : `unix://${socket}`);
  });
});

describe("an engine that is not found is refused", () => {
  it("with all that was looked for, unless the machine has one at a usual place", async () => {
    const home = folder({ "run/docker.sock": "a file is no socket" });
    const bare = hostWith(home, { XDG_RUNTIME_DIR: join(home, "run") });
    const standing = ["/var/run/docker.sock", "/run/podman/podman.sock"].find((path) => existsSync(path));
    if (standing) {
      expect((await locate(null, bare)).name).toBe(`unix://${standing}`);
      return;
    }
    const said = await refused(null, bare);
    for (const part of ["DOCKER_HOST is not set", "/var/run/docker.sock", `${home}/.docker/run`, "podman/podman.sock"])
      expect(said).toContain(part);
  });

  it("with the name of the variable and what is wrong with it", async () => {
    expect(await refused(null, hostWith("/nowhere", { DOCKER_HOST: "tcp://me:secret@far" }))).toBe(
      "DOCKER_HOST: tcp:// takes no user name and no password: use TLS client certificates",
    );
  });

  it("with the name of the context that does not exist, names none, or cannot be read", async () => {
    const home = folder({ ".docker/config.json": "{", ...contextFiles("empty", {}) });
    expect(await refused("context://gone", hostWith(home))).toContain("`gone` (named by the catalogue) does not exist");
    expect(await refused("context://empty", hostWith(home))).toContain("names no engine");
    expect(await refused(null, hostWith(home))).toMatch(/config\.json cannot be read: it is not JSON$/);
  });
});
