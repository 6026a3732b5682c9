import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type Socket, connect, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Host } from "../../src/base/host.ts";
import { atEnd, folder, host } from "../rig.ts";
import { daemon, enginePath, faultOf, listen, passOn, runInside } from "./engine.ts";
import { type Opens, addressOf, keyOf, keys, known, otherSshd, sshd } from "./sshd.ts";

/** A home whose known hosts and keys are these. */
function home(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): Host {
  const at = folder(Object.fromEntries(Object.entries(files).map(([name, text]) => [`.ssh/${name}`, text])));
  return { ...host, home: at, env };
}

/** One that is not OpenSSH, a home that lets in, and how often it was let in. */
async function otherServer(open: Opens): Promise<{ server: { port: number }; at: Host; logins: () => number }> {
  const server = await otherSshd(open);
  return { server, at: home({ known_hosts: known(server), id_ed25519: keyOf(server) }), logins: server.logins };
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

  it("is spoken to through a server that is not OpenSSH", async () => {
    const { server, at, logins } = await otherServer((accept) => passOn(accept()));
    const by = await daemon(addressOf(server.port), at);
    const expected = { exitCode: 3, end: "whole", stdout: "hello", stderr: "" };
    expect(await runInside(by, ["sh", "-c", "cat; exit 3"], "hello")).toEqual(expected);
    expect(logins()).toBe(1);
  });

  it("is down, on one connection, where such a server opens no channel to a socket", async () => {
    const { server, at, logins } = await otherServer((_accept, reject) => reject());
    const by = await daemon(addressOf(server.port), at);
    for (let ask = 0; ask < 3; ask++) {
      const fault = await faultOf(by.ping());
      expect(fault.kind).toBe("down");
      expect(fault.message).toContain(`${enginePath()} over there cannot be opened`);
    }
    expect(logins()).toBe(1);
  });

  it("leaves no connection behind when it is closed before its server has said a word", async () => {
    const asked = Promise.withResolvers<Socket>();
    const mute = createServer((socket) => void socket.once("data", () => asked.resolve(socket)));
    const port = await listen(mute, { port: 0, host: "127.0.0.1" });
    const files = { at: keys(), port };
    const by = await daemon(addressOf(port), home({ known_hosts: known(files), id_ed25519: keyOf(files) }));
    const pinged = faultOf(by.ping());
    const socket = await asked.promise;
    const ended = once(socket, "close");
    by.close();
    await ended;
    const fault = await pinged;
    expect(fault.kind).toBe("down");
    expect(fault.message).toMatch(/(?:lost|closed) before/);
  });
});
