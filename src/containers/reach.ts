import type { Duplex } from "node:stream";
import { readFile } from "node:fs/promises";
import { type Socket, connect as connectSocket, isIP } from "node:net";
import { faultOf } from "../base/files.ts";
import type { Address, TcpAddress, Tls } from "./address.ts";
import { EngineFault } from "./fault.ts";
import type { Located } from "./locate.ts";

/** Opens connections to one engine. */
export interface Reach {
  /** Resolves when the other side can be spoken to; rejects with a `down`. Its writing side can be ended alone. */
  connect(): Promise<Duplex>;
  /** Destroys all that was opened. */
  close(): void;
}

const CONNECT_MS = 10_000;
/** A dead peer is noticed after so long, and ten probes a second apart. */
const KEEPALIVE_MS = 15_000;

export function reach(located: Located): Reach {
  const { address } = located;
  return address.kind === "ssh" ? lazySsh(located) : bySocket(located.name, address);
}

function bySocket(name: string, address: Exclude<Address, { kind: "ssh" }>): Reach {
  const open = new Set<Socket>();

  async function connect(): Promise<Duplex> {
    const socket = await begin(address).catch((error: unknown) => {
      throw downFault(name, error);
    });
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    await isReady(socket, name, address.kind === "tcp" && address.tls !== null ? "secureConnect" : "connect");
    return socket;
  }

  return { connect, close: () => open.forEach((socket) => socket.destroy()) };
}

async function begin(address: Exclude<Address, { kind: "ssh" }>): Promise<Socket> {
  if (address.kind === "unix") return connectSocket({ path: address.path, allowHalfOpen: true });
  const socket = address.tls ? await beginTls(address, address.tls) : beginTcp(address);
  return socket.setNoDelay(true).setKeepAlive(true, KEEPALIVE_MS);
}

function beginTcp({ host, port }: TcpAddress): Socket {
  return connectSocket({ host, port, allowHalfOpen: true });
}

async function beginTls({ host, port }: TcpAddress, tls: Tls): Promise<Socket> {
  const [ca, cert, key] = await Promise.all([pem(tls.ca), pem(tls.cert), pem(tls.key)]);
  const options = {
    host,
    port,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: tls.isVerified,
    allowHalfOpen: true,
  };
  return process.getBuiltinModule("node:tls").connect(options);
}

async function pem(path: string | null): Promise<Buffer | null> {
  if (path === null) return null;
  return readFile(path).catch((error: unknown) => {
    throw new Error(`${path} cannot be read: ${faultOf(error)}`);
  });
}

/** What is not ready in 10 s is given up; an error that comes later is told by the stream's end. */
async function isReady(socket: Socket, name: string, event: "connect" | "secureConnect"): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error("no connection within 10 s")), CONNECT_MS);
    socket.once(event, () => resolve());
    socket.on("error", (error) => reject(downFault(name, error)));
    socket.once("close", () => {
      clearTimeout(timer);
      reject(downFault(name, new Error("the connection was closed before it was open")));
    });
    socket.once(event, () => clearTimeout(timer));
  });
}

function lazySsh(located: Located): Reach {
  let made: Promise<Reach> | undefined;
  let isClosed = false;
  return {
    connect: async () => {
      made ??= import("./ssh.ts").then(({ reachBySsh }) => reachBySsh(located));
      const ssh = await made;
      if (isClosed) throw new EngineFault("down", `the engine ${located.name} is not in use any more`);
      return ssh.connect();
    },
    close: () => {
      isClosed = true;
      void made?.then((ssh) => ssh.close());
    },
  };
}

export function downFault(name: string, error: unknown): EngineFault {
  if (error instanceof EngineFault) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return new EngineFault("down", `the engine ${name} cannot be reached: ${REASONS.get(code) ?? wordsOf(error)}`);
}

function wordsOf(error: unknown): string {
  const [first = error] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return faultOf(first);
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such socket (ENOENT); is the engine started?"],
  ["ECONNREFUSED", "nothing listens there (ECONNREFUSED); is the engine started?"],
  ["EACCES", "this user may not use the socket (EACCES); members of its group, often `docker`, may"],
  ["ENOTFOUND", "the host has no address (ENOTFOUND)"],
]);
