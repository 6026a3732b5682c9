// The image of mcpfier itself, built from what is on this machine.
import { randomUUID } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker, engineHost } from "./engines.ts";
import { atEnd, folder } from "./rig.ts";

const engine = await engineHost();
const IMAGE = `mcpfier/self:${randomUUID()}`;

/** Leaves a process that has left its group for sure: what is still in it ends with the call. */
function leaving(seconds: string): string {
  const inside = `: > /tmp/up-$1; exec sleep ${seconds}`;
  const script = `env -i setsid /bin/sh -c '${inside}' sh $$ >/dev/null 2>&1 </dev/null & until [ -e /tmp/up-$$ ]; do :; done`;
  return JSON.stringify(["sh", "-c", script]);
}

const CATALOGUE = `
commands:
  - { name: who, description: Who runs it., run: [id, -u] }
  - { name: orphan, description: Leaves a process., run: ${leaving("0.2")} }
  - { name: stayer, description: Leaves one that stays., run: ${leaving("613")} }
  - { name: inside, description: Runs beside it., run: [sleep, "600"], container: "mcpfier/busybox:test" }
  - { name: long, description: Takes long., run: [sleep, "600"] }
`;

beforeAll(async () => {
  const root = resolve(import.meta.dirname, "..");
  await docker(engine, "build", "--network=none", "--build-arg=BASE=mcpfier/base:test", `--tag=${IMAGE}`, root);
}, 120_000);

afterAll(() => docker(engine, "rmi", IMAGE));

/** A folder with a catalogue that every user may read. */
function workFolder(): string {
  const path = folder({ "mcpfier.yaml": CATALOGUE });
  chmodSync(path, 0o755);
  return path;
}

/** A client of a server in a container, as a client would start it. */
async function serving(...options: string[]): Promise<{ client: Client; name: string }> {
  const name = `mcpfier-image-${randomUUID()}`;
  const client = new Client({ name: "mcpfier-tests", version: "1" });
  const args = ["--host", engine, "run", "-i", `--name=${name}`, "-v", `${workFolder()}:/work:ro`, ...options, IMAGE];
  atEnd(() => docker(engine, "rm", "--force", "--volumes", name));
  atEnd(() => client.close());
  await client.connect(new StdioClientTransport({ command: "docker", args, stderr: "ignore" }));
  return { client, name };
}

async function textOf(client: Client, tool: string): Promise<string> {
  const { content } = await client.callTool({ name: tool, arguments: {} });
  return (content as readonly { readonly text: string }[])[0]?.text.trim() ?? "";
}

interface Process {
  readonly command: string;
  readonly state: string;
  readonly parent: string;
}

async function processesOf(name: string): Promise<readonly Process[]> {
  const stats = await docker(engine, "exec", name, "sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null || true");
  return stats.split("\n").map((line) => {
    const [, command = "", state = "", parent = ""] = /\((.*)\) (\S) (\d+)/.exec(line) ?? [];
    return { command, state, parent };
  });
}

/** Asks until the answer is the one that is expected; fails with the last one after 30 s. */
async function becomes(ask: () => Promise<string>, expected: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while ((await ask()) !== expected) {
    if (performance.now() > deadline) expect(await ask()).toBe(expected);
    await sleep(50);
  }
}

describe("the image", () => {
  it("serves a mounted catalogue over stdio, behind an init and not as root", async () => {
    const { client, name } = await serving();
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(expect.arrayContaining(["who", "orphan", "long"]));
    expect(await textOf(client, "who")).toBe("1000");
    expect(await docker(engine, "exec", name, "cat", "/proc/1/comm")).toBe("tini");
    expect(await docker(engine, "exec", name, "id", "-u")).toBe("1000");
    expect(await docker(engine, "exec", name, "sh", "-c", "ls /var/lib/mcpfier/records | wc -l")).toBe("1");
  });

  it("serves and keeps records as another user, too", async () => {
    const { client, name } = await serving("--user=4321:4321");
    expect(await textOf(client, "who")).toBe("4321");
    expect(await docker(engine, "exec", name, "stat", "-c", "%u", "/var/lib/mcpfier/records")).toBe("4321");
  });

  it("leaves no zombie after 200 calls that orphan a process each", async () => {
    const { client, name } = await serving();
    await textOf(client, "stayer");
    await Promise.all(Array.from({ length: 200 }, () => client.callTool({ name: "orphan", arguments: {} })));
    const orphans = async (): Promise<readonly Process[]> =>
      (await processesOf(name)).filter(({ command }) => command === "sleep");
    // What stays proves that such processes outlive their call and become children of the first process.
    await becomes(
      async () => JSON.stringify(await orphans()),
      JSON.stringify([{ command: "sleep", state: "S", parent: "1" }]),
    );
    expect((await processesOf(name)).filter(({ state }) => state === "Z")).toEqual([]);
  });

  it("stops when it is asked to, while a call runs", async () => {
    const { client, name } = await serving();
    const call = client.callTool({ name: "long", arguments: {} }).catch(() => undefined);
    await becomes(async () => String((await processesOf(name)).some(({ command }) => command === "sleep")), "true");
    // What has not ended after 3 s is killed by the engine, and that would be exit code 137.
    await docker(engine, "stop", "--time=3", name);
    await call;
    expect(await docker(engine, "inspect", "--format={{.State.ExitCode}}", name)).toBe("0");
  });

  it("is healthy while its catalogue can be served", async () => {
    const name = `mcpfier-image-${randomUUID()}`;
    const work = workFolder();
    const often = ["--health-interval=500ms", "--health-retries=1"];
    await docker(engine, "run", "-di", `--name=${name}`, "-v", `${work}:/work:ro`, ...often, IMAGE);
    atEnd(() => docker(engine, "rm", "--force", "--volumes", name));
    const health = (): Promise<string> => docker(engine, "inspect", "--format={{.State.Health.Status}}", name);
    await becomes(health, "healthy");
    writeFileSync(join(work, "mcpfier.yaml"), "commands: [{ name: broken }]\n");
    await becomes(health, "unhealthy");
    expect(await docker(engine, "inspect", "--format={{.State.Running}}", name)).toBe("true");
  });

  it("does not serve as the first process itself", async () => {
    const served = docker(
      engine,
      "run",
      "--rm",
      "-v",
      `${workFolder()}:/work:ro`,
      "--entrypoint=mcpfier",
      IMAGE,
      "serve",
    );
    await expect(served).rejects.toMatchObject({ code: 78, stderr: expect.stringContaining("docker run --init") });
  });

  it("P9: what a server in a container that was killed left is removed by the next one", async () => {
    const asUser = ["-v", `${engine.replace("unix://", "")}:/var/run/docker.sock`, "--user=0"];
    const { client, name } = await serving(...asUser);
    const home = (await docker(engine, "inspect", "--format={{.Id}}", name)).slice(0, 12);
    const left = (): Promise<string> => docker(engine, "ps", "--all", "--quiet", `--filter=label=mcpfier.home=${home}`);
    atEnd(async () => {
      for (const id of (await left()).split("\n").filter(Boolean)) await docker(engine, "rm", "--force", id);
    });
    client.callTool({ name: "inside", arguments: {} }).catch(() => undefined);
    await becomes(async () => String((await left()) !== ""), "true");
    await docker(engine, "kill", name);
    expect(await left()).not.toBe("");
    await serving(...asUser);
    await becomes(left, "");
  });
});
