import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type Socket, connect, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import type { Host } from "../../src/base/host.ts";
import { atEnd, folder, host } from "../rig.ts";
import { daemon, enginePath, faultOf, listen, runInside } from "./engine.ts";

interface Sshd {
  readonly port: number;
  /** Its folder: `host.pub` is its key, `user` lets in. */
  readonly at: string;
}

/** A real sshd on this machine that lets one key in and nothing else. */
async function sshd(): Promise<Sshd> {
  const at = folder();
  for (const name of ["host", "user", "stranger"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(at, name)]);
  // What an sshd that runs as root sets its unprivileged half aside in.
  mkdirSync("/run/sshd", { recursive: true });
  const port = await freePort();
  const settings = {
    ListenAddress: `127.0.0.1:${port}`,
    HostKey: join(at, "host"),
    AuthorizedKeysFile: join(at, "user.pub"),
    PidFile: "none",
    PasswordAuthentication: "no",
    KbdInteractiveAuthentication: "no",
    UsePAM: "no",
    StrictModes: "no",
    PermitRootLogin: "prohibit-password",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const child: ChildProcess = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", "/dev/null", ...options], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  atEnd(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  const said: string[] = [];
  if (child.stderr)
    for await (const line of createInterface(child.stderr)) if (said.push(line) && line.includes("listening")) break;
  if (!said.at(-1)?.includes("listening")) throw new Error(`sshd did not start: ${said.join("\n")}`);
  child.stderr?.resume();
  return { port, at };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((done) => void server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A home whose known hosts and keys are these. */
function home(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): Host {
  const at = folder(Object.fromEntries(Object.entries(files).map(([name, text]) => [`.ssh/${name}`, text])));
  return { ...host, home: at, env };
}

function known({ port, at }: Sshd, by = port, key = "host"): string {
  return `[127.0.0.1]:${by} ${readFileSync(join(at, `${key}.pub`), "utf8")}`;
}

function addressOf(port: number): string {
  return `ssh://${userInfo().username}@127.0.0.1:${port}${enginePath()}`;
}

function keyOf({ at }: Sshd, name = "user"): string {
  return readFileSync(join(at, name), "utf8");
}

describe("an engine behind SSH", () => {
  it("runs containers, to the end of their input, over one connection, and again after it broke", async () => {
    const server = await sshd();
    const sockets: Socket[] = [];
    const proxy = createServer((from) => {
      sockets.push(from);
      const to = connect(server.port, "127.0.0.1");
      from.pipe(to).pipe(from);
      to.on("error", () => from.destroy());
      from.once("close", () => to.destroy());
    });
    const port = await listen(proxy, { port: 0, host: "127.0.0.1" });
    const at = home({ known_hosts: known(server, port), id_ed25519: keyOf(server) });
    const by = await daemon(addressOf(port), at);
    const expected = { exitCode: 5, end: "whole", stdout: "over SSH\n".repeat(20_000), stderr: "" };
    const run = () => runInside(by, ["sh", "-c", "cat; exit 5"], expected.stdout);
    expect(await Promise.all([run(), run()])).toEqual([expected, expected]);
    expect(sockets).toHaveLength(1);
    const id = await by.create({
      Image: "mcpfier/busybox:test",
      Cmd: ["sleep", "60"],
      HostConfig: { NetworkMode: "none" },
    });
    atEnd(() => execFileSync("docker", ["-H", `unix://${enginePath()}`, "rm", "-fv", id], { stdio: "ignore" }));
    const wait = by.wait(id, "next-exit", new AbortController().signal);
    await wait.registered;
    sockets[0]?.destroy();
    expect((await faultOf(wait.ended)).kind).toBe("lost");
    expect(await run()).toEqual(expected);
    expect(sockets).toHaveLength(2);
  });

  it("is named in the SSH configuration, with its user, port and key", async () => {
    const server = await sshd();
    const at = home({ known_hosts: known(server), key: keyOf(server) });
    const config = `Host far\n HostName 127.0.0.1\n Port ${server.port}\n User ${userInfo().username}\n IdentityFile ~/.ssh/key\n`;
    writeFileSync(join(at.home, ".ssh/config"), config);
    await (await daemon(`ssh://far${enginePath()}`, at)).ping();
  });

  it("takes keys of an SSH agent", async () => {
    const server = await sshd();
    const socket = join(server.at, "agent.sock");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
    atEnd(async () => {
      agent.kill();
      if (agent.exitCode === null && agent.signalCode === null) await once(agent, "exit");
    });
    await once(agent.stdout, "data");
    const env = { SSH_AUTH_SOCK: socket };
    execFileSync("ssh-add", ["-q", join(server.at, "user")], { env: { ...process.env, ...env }, stdio: "ignore" });
    await (await daemon(addressOf(server.port), home({ known_hosts: known(server) }, env))).ping();
  });

  it("is not connected to when its key is unknown, and the words say what to do", async () => {
    const server = await sshd();
    const fault = await faultOf((await daemon(addressOf(server.port), home({ id_ed25519: keyOf(server) }))).ping());
    expect(fault.kind).toBe("down");
    const print = execFileSync("ssh-keygen", ["-lf", join(server.at, "host.pub")], { encoding: "utf8" }).split(" ")[1];
    expect(fault.message).toContain(`its host key ${print} is unknown; check it, and connect once by \`ssh -p`);
  });

  it("is not connected to when its key has changed", async () => {
    const server = await sshd();
    const at = home({ known_hosts: known(server, server.port, "stranger"), id_ed25519: keyOf(server) });
    const fault = await faultOf((await daemon(addressOf(server.port), at)).ping());
    expect(fault.kind).toBe("down");
    expect(fault.message).toContain(`ssh-keygen -R '[127.0.0.1]:${server.port}'`);
  });

  it("is down without a key, with a key that is not let in, and where no engine listens over there", async () => {
    const server = await sshd();
    const none = await faultOf((await daemon(addressOf(server.port), home({ known_hosts: known(server) }))).ping());
    expect(none.message).toContain("no SSH agent and no key without a passphrase");
    const stranger = home({ known_hosts: known(server), id_ed25519: keyOf(server, "stranger") });
    const denied = await faultOf((await daemon(addressOf(server.port), stranger)).ping());
    expect(denied.kind).toBe("down");
    expect(denied.message).toContain("authentication");
    const right = home({ known_hosts: known(server), id_ed25519: keyOf(server) });
    const elsewhere = `ssh://${userInfo().username}@127.0.0.1:${server.port}/nowhere.sock`;
    const fault = await faultOf((await daemon(elsewhere, right)).ping());
    expect(fault.kind).toBe("down");
    expect(fault.message).toContain("/nowhere.sock over there cannot be opened");
  });
});
