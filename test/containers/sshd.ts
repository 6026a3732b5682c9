// A real engine behind SSH.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { type EventEmitter, once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { type Server, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import ssh2 from "ssh2";
import { atEnd, folder } from "../rig.ts";
import { enginePath, listen } from "./engine.ts";

export interface Sshd {
  readonly port: number;
  /** Its folder: `host.pub` is its key, `user` lets in. */
  readonly at: string;
}

/** A real sshd on this machine that lets one key in and nothing else. */
export async function sshd(): Promise<Sshd> {
  const at = keys();
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

/** A folder with keys for a server and for a user, and those of a stranger. */
export function keys(): string {
  const at = folder();
  for (const name of ["host", "user", "stranger"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(at, name)]);
  return at;
}

/** What a server does when it is asked for a channel to a socket. */
export type Opens = (accept: () => Duplex, reject: () => void) => unknown;

/** A server of another make, which lets everybody in. */
export async function otherSshd(open: Opens): Promise<Sshd & { logins(): number }> {
  const at = keys();
  let logins = 0;
  const server = new ssh2.Server({ hostKeys: [readFileSync(join(at, "host"))], ident: "other" }, (client) => {
    client.on("error", () => undefined);
    client.on("authentication", (context) => context.accept());
    client.on("ready", () => {
      logins++;
      (client as EventEmitter).on("openssh.streamlocal", open);
    });
  });
  const port = await listen((server as unknown as { _srv: Server })._srv, { port: 0, host: "127.0.0.1" });
  return { port, at, logins: () => logins };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((done) => void server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}

export function known({ port, at }: Sshd, by = port, key = "host"): string {
  return `[127.0.0.1]:${by} ${readFileSync(join(at, `${key}.pub`), "utf8")}`;
}

export function addressOf(port: number): string {
  return `ssh://${userInfo().username}@127.0.0.1:${port}${enginePath()}`;
}

export function keyOf({ at }: Sshd, name = "user"): string {
  return readFileSync(join(at, name), "utf8");
}
