import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { AuthMethod, Client, ClientChannel, ConnectConfig } from "ssh2";
import ssh2 from "ssh2";
import type { SshAddress } from "./address.ts";
import { EngineFault } from "./fault.ts";
import { type KnownHost, knownHost } from "./known-hosts.ts";
import type { Located } from "./locate.ts";
import { type Reach, downFault } from "./reach.ts";
import { type SshSettings, readSshConfig } from "./ssh-config.ts";

const SSH_PORT = 22;
const READY_MS = 10_000;
/** A dead peer is noticed when three of these stay without an answer. */
const ALIVE_MS = 10_000;
const ENGINE_SOCKET = "/var/run/docker.sock";
const USUAL_KEYS = ["id_ed25519", "id_ecdsa", "id_rsa"];

/**
 * One SSH connection to the engine's machine, on which each connection to the engine's socket is a channel
 * (`direct-streamlocal@openssh.com`): nothing but sshd is needed over there. Made when first needed, again after it broke.
 */
export function reachBySsh(located: Located): Reach {
  const address = located.address as SshAddress;
  const socket = address.path ?? ENGINE_SOCKET;
  let current: Promise<Client> | null = null;
  let latest: Client | null = null;
  let isClosed = false;

  async function client(): Promise<Client> {
    const coming = (current ??= login());
    try {
      return await coming;
    } catch (error) {
      if (current === coming) current = null;
      throw downFault(located.name, error);
    }
  }

  async function login(): Promise<Client> {
    const made = new ssh2.Client();
    latest = made;
    // One for each channel that is being opened.
    made.setMaxListeners(0);
    const { config, verdict } = await settingsOf(located, address);
    if (isClosed) throw new Error("it is not in use any more");
    return new Promise((resolve, reject) => {
      made.once("ready", () => resolve(made));
      made.on("error", (error) => {
        made.destroy();
        reject(verdict() ?? error);
      });
      made.once("close", () => {
        if (latest === made) current = null;
        reject(verdict() ?? new Error("the SSH connection was closed before it was open"));
      });
      made.connect(config);
    });
  }

  async function connect(): Promise<Duplex> {
    // Nothing is asked before there is a channel, so a connection that has just broken is made again, once.
    for (let attempt = 0; attempt < 2; attempt++) {
      const by = await client();
      const channel = await openChannel(located.name, by, socket);
      if (channel) return channel;
      by.destroy();
      if (latest === by) current = null;
    }
    throw downFault(located.name, new Error("the SSH connection was closed"));
  }

  function close(): void {
    isClosed = true;
    latest?.destroy();
  }
  return { connect, close };
}

/** null: the connection broke meanwhile. */
function openChannel(name: string, by: Client, socket: string): Promise<Duplex | null> {
  return new Promise((resolve, reject) => {
    const broke = (): void => resolve(null);
    // What a broken connection leaves unanswered fails only after its `close`.
    const give = (error: Error | undefined, channel: ClientChannel): void => {
      by.off("close", broke);
      if (error) reject(downFault(name, new Error(`${socket} over there cannot be opened: ${error.message}`)));
      else resolve(likeSocket(channel));
    };
    by.once("close", broke);
    try {
      by.openssh_forwardOutStreamLocal(socket, give);
    } catch {
      // Its socket is ending, and nothing was sent.
      broke();
    }
  });
}

/** What HTTP's agent calls on its connections. */
function likeSocket(channel: ClientChannel): Duplex {
  channel.on("error", nothing);
  return Object.assign(channel, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
    destroySoon: () => channel.destroy(),
  });
}

function nothing(): void {
  // A channel has no such thing.
}

interface Settings {
  readonly config: ConnectConfig;
  /** Why the host's key was refused, if it was. */
  verdict(): EngineFault | null;
}

async function settingsOf({ name, host }: Located, address: SshAddress): Promise<Settings> {
  const folder = join(host.home, ".ssh");
  const said = readSshConfig(await textOf(join(folder, "config")), address.host);
  const server = said.hostName ?? address.host;
  const port = address.port ?? said.port ?? SSH_PORT;
  const username = address.user ?? said.user ?? userInfo().username;
  const known = knownHost(
    await Promise.all([join(folder, "known_hosts"), "/etc/ssh/ssh_known_hosts"].map(textOf)),
    server,
    port,
  );
  const authHandler = await waysIn(said, username, host);
  if (authHandler.length === 0)
    throw new EngineFault(
      "down",
      `the engine ${name} cannot be reached: there is no SSH agent and no key without a passphrase in ${folder}`,
    );
  let refused: EngineFault | null = null;
  const hostVerifier = (key: Buffer): boolean => {
    refused = refusalOf(name, known, key, { server, port });
    return refused === null;
  };
  const serverHostKey = known.kinds.flatMap((kind) => (kind === "ssh-rsa" ? RSA : [kind]));
  const config: ConnectConfig = {
    host: server,
    port,
    username,
    authHandler,
    hostVerifier,
    readyTimeout: READY_MS,
    keepaliveInterval: ALIVE_MS,
    keepaliveCountMax: 2,
    // What is not OpenSSH is asked too, and says itself what it cannot do.
    strictVendor: false,
    // The host is asked for a key of a kind that we know.
    ...(serverHostKey.length > 0 && { algorithms: { serverHostKey: serverHostKey as never } }),
  };
  return { config, verdict: () => refused };
}

const RSA = ["rsa-sha2-512", "rsa-sha2-256"];

async function waysIn(said: SshSettings, username: string, host: Located["host"]): Promise<AuthMethod[]> {
  const ways: AuthMethod[] = [];
  const agent = host.env["SSH_AUTH_SOCK"];
  if (agent) ways.push({ type: "agent", username, agent } as AuthMethod);
  const files =
    said.identityFiles.length > 0
      ? said.identityFiles.map((path) => path.replace(/^(?:~|%d)(?=\/)/, host.home))
      : USUAL_KEYS.map((name) => join(host.home, ".ssh", name));
  for (const file of files) {
    const key = ssh2.utils.parseKey(await textOf(file));
    // One with a passphrase is the agent's.
    if (!(key instanceof Error)) ways.push({ type: "publickey", username, key } as AuthMethod);
  }
  return ways;
}

function refusalOf(
  name: string,
  known: KnownHost,
  key: Buffer,
  { server, port }: { readonly server: string; readonly port: number },
): EngineFault | null {
  const judgement = known.judge(key);
  if (judgement === "known") return null;
  const print = process
    .getBuiltinModule("node:crypto")
    .createHash("sha256")
    .update(key)
    .digest("base64")
    .replace(/=+$/, "");
  const entry = port === SSH_PORT ? server : `[${server}]:${port}`;
  const advice =
    judgement === "unknown"
      ? `check it, and connect once by \`ssh -p ${port} ${server}\` so that it stands in ~/.ssh/known_hosts`
      : `somebody may sit in between; if the machine is new, remove the old key by \`ssh-keygen -R '${entry}'\``;
  const what = { unknown: "is unknown", changed: "is not the one in ~/.ssh/known_hosts", revoked: "was revoked" }[
    judgement
  ];
  return new EngineFault(
    "down",
    `the engine ${name} is not connected to: its host key SHA256:${print} ${what}; ${advice}`,
  );
}

async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
