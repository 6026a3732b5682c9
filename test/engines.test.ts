import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type PrivateEngine,
  bridgeAddress,
  containersOf,
  docker,
  engineHost,
  podmanHost,
  privateEngine,
} from "./engines.ts";
import { atEnd } from "./rig.ts";

const own = await engineHost();
const podman = await podmanHost();

describe.each([
  { name: "Docker", host: own, missing: "" },
  { name: "Podman", host: podman.host ?? "", missing: podman.reason },
])("$name", ({ name, host, missing }) => {
  describe.skipIf(missing !== "")(missing === "" ? "is real" : `${name} IS NOT TRIED: ${missing}`, () => {
    it("has the images", async () => {
      const says = (image: string, ...args: readonly string[]): Promise<string> =>
        docker(host, "run", "--rm", "--network", "none", `mcpfier/${image}:test`, ...args);
      expect(await says("busybox", "id", "-u")).toBe("0");
      expect(await says("nobody", "id", "-u")).toBe("65534");
      expect(await says("node", "node", "-p", "process.version")).toBe(process.version);
      expect(await says("base", "tini", "--version")).toContain("tini");
      expect(await says("scratch", "/true")).toBe("");
      const programs = "sh bash perl python3 setsid env stat tail dd head kill sleep cat touch prlimit seq yes id";
      expect(await says("tools", "sh", "-c", `for each in ${programs}; do command -v $each; done | wc -l`)).toBe(
        String(programs.split(" ").length),
      );
      const modules = 'import subprocess, threading, signal, json; print("in")';
      expect(await says("tools", "python3", "-c", modules)).toBe("in");
      expect(await says("tools", "perl", "-e", 'use POSIX (); print POSIX::floor(1.5), "\n"')).toBe("1");
      expect(await says("tools", "stat", "-c", "%a", "/tmp")).toBe("1777");
    });

    it("tells the containers that have a label, also those that have ended", async () => {
      const label = `test-of-engines=${crypto.randomUUID()}`;
      expect(await containersOf(host, label)).toEqual([]);
      const id = await docker(host, "create", "--label", label, "mcpfier/busybox:test", "true");
      atEnd(() => docker(host, "rm", "--force", id));
      expect((await containersOf(host, label)).map(({ Id }) => Id)).toEqual([id]);
      expect(await containersOf(host, `${label}0`)).toEqual([]);
    });
  });
});

describe("a private engine", () => {
  let engine: PrivateEngine;
  beforeAll(async () => (engine = await privateEngine()));
  afterAll(async () => {
    await engine.down();
    expect(existsSync(engine.host.replace("unix://", ""))).toBe(false);
  });

  it("knows nothing of the run's own", async () => {
    expect(await docker(engine.host, "info", "--format", "{{.ID}}")).not.toBe(
      await docker(own, "info", "--format", "{{.ID}}"),
    );
    expect(await docker(engine.host, "images", "--format", "{{.Repository}}")).toBe("mcpfier/busybox");
  });

  it("is on the network of its containers, and not on the machine's", async () => {
    const address = await bridgeAddress(engine.host);
    const pinged = await docker(engine.host, "run", "--rm", "mcpfier/busybox:test", "ping", "-c1", "-W5", address);
    expect(pinged).toContain("1 packets received");
    const devices = await docker(
      engine.host,
      "run",
      "--rm",
      "--network=host",
      "mcpfier/busybox:test",
      "ls",
      "/sys/class/net",
    );
    expect(devices.split("\n")).toEqual(["docker0", "lo"]);
  });

  it("is killed while a container runs, and comes back with what it had", async () => {
    const word = crypto.randomUUID();
    const label = `test-of-engines=${word}`;
    await docker(engine.host, "run", "-d", "--init", "--label", label, "mcpfier/busybox:test", "sleep", "600");
    await engine.kill9();
    await expect(docker(engine.host, "version")).rejects.toThrow("Cannot connect");
    // The run's own does not notice.
    await docker(own, "version");
    await engine.restart();
    const [left] = await containersOf(engine.host, label);
    expect(left).toMatchObject({ State: "exited", Labels: { "test-of-engines": word } });
  });
});
