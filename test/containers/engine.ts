// What the tests of the client share: the engine that is there, and containers in it that are gone after the test.
import { execFileSync } from "node:child_process";
import { type Server, type Socket, connect, createServer } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { Host } from "../../src/base/host.ts";
import { type Daemon, type DaemonBounds, daemonAt } from "../../src/containers/daemon.ts";
import { EngineFault } from "../../src/containers/fault.ts";
import { readFrames } from "../../src/containers/frames.ts";
import { locate } from "../../src/containers/locate.ts";
import { engineHost } from "../engines.ts";
import { atEnd, folder, host } from "../rig.ts";

export const BUSYBOX = "mcpfier/busybox:test";

const own = await engineHost();

/** DOCKER_HOST of a real engine on this machine, which has the test images. */
export function engine(): string {
  return own;
}

export function enginePath(): string {
  return engine().slice("unix://".length);
}

/** A daemon that is closed after the test. */
export async function daemon(address: string, at: Host = host, bounds?: DaemonBounds): Promise<Daemon> {
  const made = daemonAt(await locate(address, at), bounds);
  atEnd(() => made.close());
  return made;
}

export interface RanInside {
  readonly exitCode: number;
  readonly end: string;
  readonly stdout: string;
  readonly stderr: string;
}

export async function createBusybox(by: Daemon, cmd: readonly string[], more: object = {}): Promise<string> {
  const id = await by.create({
    Image: BUSYBOX,
    Cmd: cmd,
    OpenStdin: true,
    StdinOnce: true,
    HostConfig: { Init: true, NetworkMode: "none", LogConfig: { Type: "none" } },
    ...more,
  });
  atEnd(() => execFileSync("docker", ["-H", engine(), "rm", "-fv", id], { stdio: "ignore" }));
  return id;
}

/** A whole call: create, attach, wait, start, stdin, remove. */
export async function runInside(by: Daemon, cmd: readonly string[], input: string): Promise<RanInside> {
  const id = await createBusybox(by, cmd);
  const stream = await by.attach(id, true);
  const wait = by.wait(id, "next-exit", new AbortController().signal);
  await wait.registered;
  await by.start(id);
  const got = await readAll(stream, () => stream.end(input));
  const { exitCode } = await wait.ended;
  await by.remove(id);
  return { exitCode, ...got };
}

async function readAll(stream: Duplex, begin: () => void): Promise<Omit<RanInside, "exitCode">> {
  let [stdout, stderr] = ["", ""];
  const reading = readFrames(stream, {
    stdout: (chunk) => void (stdout += chunk.toString()),
    stderr: (chunk) => void (stderr += chunk.toString()),
  });
  begin();
  const end = await reading.end;
  return { end, stdout, stderr };
}

/** How a call failed. */
export async function faultOf(call: Promise<unknown>): Promise<EngineFault> {
  const error: unknown = await call.then(
    (value) => new Error(`it did not fail, and gave ${JSON.stringify(value)}`),
    (fault: unknown) => fault,
  );
  if (error instanceof EngineFault) return error;
  throw error;
}

/** A unix socket that is served by so many lines; gives its address. */
export async function serveSocket(serve: (socket: Socket) => void): Promise<string> {
  const path = join(folder(), "engine.sock");
  await listen(createServer({ allowHalfOpen: true }, serve), { path });
  return `unix://${path}`;
}

export async function listen(
  server: Server,
  where: { path: string } | { port: number; host: string },
): Promise<number> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => open.delete(socket));
  });
  atEnd(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((done) => void server.close(done));
  });
  await new Promise<void>((done) => void server.listen(where, done));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Passes everything on to the real engine, either way, and its end too. */
export function passOn(from: Duplex): Socket {
  const to = connect({ path: enginePath(), allowHalfOpen: true });
  from.pipe(to);
  to.pipe(from);
  for (const [one, other] of [
    [from, to],
    [to, from],
  ] as const) {
    one.on("error", () => other.destroy());
    one.once("close", () => other.destroy());
  }
  return to;
}
