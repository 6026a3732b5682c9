// What needs a container engine: the one at DOCKER_HOST, else one that is brought up for the row.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { sweep } from "./leftovers.ts";
import { hear, unmarked } from "./lives.ts";
import { pause, timed } from "./process.ts";
import type { Row, Told } from "./row.ts";
import { ROOM, serve } from "./server.ts";
import { type Session, callTool, open, watchServer } from "./session.ts";
import { median, ratio } from "./statistics.ts";

const ENGINE = fileURLToPath(new URL("../engine", import.meta.url));
/** Not TMPDIR: the path of a socket is short. */
const ENGINES = "/tmp";
const IMAGE = "mcpfier/busybox:test";
/** How many containers stand ready. */
const WARM = 2;
const FLOOD_BYTES = 200_000_000;
const FLOOD = ["head", "-c", String(FLOOD_BYTES), "/dev/zero"];

export const containers: readonly Row[] = [
  {
    id: "container",
    what: "container call, cold",
    floor: "the engine's own create, start, wait, remove by raw socket, with or without kept connections",
    measure: () => withEngine(cold),
  },
  {
    id: "container-warm",
    what: "container call, warm (started ahead, used once)",
    floor: "the cold call",
    measure: () => withEngine(warm),
  },
  {
    id: "container-output",
    what: "200 MB of output through a container",
    floor: "a raw reader of the attached stream",
    measure: () => withEngine(flood),
  },
];

let started: string | undefined;

async function withEngine(measure: (socket: string) => Promise<Told>): Promise<Told> {
  const found = await findEngine();
  process.env["DOCKER_HOST"] = found;
  return measure(found.replace("unix://", ""));
}

async function findEngine(): Promise<string> {
  try {
    const found = run(["find"]);
    run(["images", "busybox"], found);
    return found;
  } catch {
    // None answers.
  }
  await hear();
  try {
    started = mkdtempSync(join(ENGINES, `mcpfier-bench-engine-${process.pid}-`));
    return run(["up", started, "busybox"]);
  } catch (error) {
    const said = String((error as { readonly stderr?: string }).stderr ?? error);
    // It tells what it does, and last why it does not.
    throw new Error(stripVTControlCharacters(said).trim().split("\n").at(-1), { cause: error });
  }
}

/** Ends the engine that was brought up. */
export function endEngine(): void {
  if (started !== undefined) endIn(started);
}

/** Ends those of runs that were killed. */
export function sweepEngines(): void {
  sweep(ENGINES, /^mcpfier-bench-engine-(\d+)-/, endIn);
}

function endIn(folder: string): void {
  run(["down", folder]);
  // It is no engine's yet where `up` was refused.
  rmSync(folder, { recursive: true, force: true });
}

function run(words: readonly string[], engine?: string): string {
  const env = { ...unmarked(), ...(engine !== undefined && { DOCKER_HOST: engine }) };
  return execFileSync(ENGINE, words, { encoding: "utf8", stdio: "pipe", env })
    .trim()
    .replace(/^DOCKER_HOST=/, "");
}

const COMMANDS = {
  cold: { description: "d", run: ["true"], container: IMAGE },
  warm: { description: "d", run: ["true"], container: { image: IMAGE, warm: WARM } },
  first: { description: "d", run: ["sh", "-c", "echo first byte; sleep 0.3"], container: { image: IMAGE, warm: WARM } },
  flood: { description: "d", run: FLOOD, container: IMAGE, timeout: "5m" },
} as const;

function opened(names: readonly (keyof typeof COMMANDS)[], heard?: (line: string) => void): Session {
  const file = join(ROOM, "containers.yaml");
  const commands = names.map((name) => Object.assign({ name }, COMMANDS[name]));
  writeFileSync(file, JSON.stringify({ commands }));
  return open({ args: serve(file), ...(heard && { heard }) });
}

async function call(session: Session, name: string, _meta?: object): Promise<void> {
  const answer = await callTool(session, name, _meta && { _meta });
  if (!answer.includes('"outcome":"completed"')) throw new Error(answer);
}

/** Waits until so many containers of a server run, and no others of it are there. */
async function settled(socket: string, { child }: Session, count: number): Promise<void> {
  const until = performance.now() + 60_000;
  for (;;) {
    if (performance.now() > until) throw new Error(`not ${count} containers of the server stand`);
    const filters = encodeURIComponent(JSON.stringify({ label: ["mcpfier.owner"] }));
    const found = (await ask(socket, "GET", `/containers/json?all=1&filters=${filters}`)) as readonly {
      readonly State: string;
      readonly Labels: Readonly<Record<string, string>>;
    }[];
    const own = found.filter(({ Labels }) => Labels["mcpfier.owner"]?.startsWith(`${child.pid}-`));
    if (own.length === count && own.every(({ State }) => State === "running")) break;
    await pause(20);
  }
  // What stands may still be finishing its start.
  await pause(300);
}

const ROUNDS = 20;

async function cold(socket: string): Promise<Told> {
  const session = opened(["cold"]);
  const agent = new Agent({ keepAlive: true });
  const ours: number[] = [];
  const floors = { kept: [] as number[], fresh: [] as number[], same: [] as number[] };
  for (let round = -3; round < ROUNDS; round++) {
    await settled(socket, session, 0);
    const times = [
      await timed(() => call(session, "cold")),
      // What it leaves to be removed would slow down the next one.
      await settled(socket, session, 0).then(() => timed(() => byHand(socket, BARE, agent))),
      await timed(() => byHand(socket, BARE)),
      await timed(() => byHand(socket, SAME)),
    ] as const;
    if (round < 0) continue;
    ours.push(times[0]);
    floors.kept.push(times[1]);
    floors.fresh.push(times[2]);
    floors.same.push(times[3]);
  }
  await session.end();
  agent.destroy();
  const floor = median(floors.kept) < median(floors.fresh) ? floors.kept : floors.fresh;
  return {
    figures: [
      ratio(ours, floor, "ms", { target: { atMost: 1.15 } }),
      ratio(ours, floors.same, "ms", { name: "to the same settings by hand" }),
    ],
  };
}

const BARE = { Image: IMAGE, Cmd: ["true"], HostConfig: { NetworkMode: "none" } };
/** What a call asks for besides. */
const SAME = {
  ...BARE,
  User: "65534:65534",
  Hostname: "mcpfier",
  HostConfig: {
    NetworkMode: "none",
    Init: true,
    LogConfig: { Type: "none" },
    ReadonlyRootfs: true,
    Tmpfs: { "/tmp": "rw,nosuid,nodev,exec,mode=1777,size=67108864" },
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
  },
};

/** The engine's own create, start, wait and remove. */
async function byHand(socket: string, spec: object, agent?: Agent): Promise<void> {
  const { Id: id } = (await ask(socket, "POST", "/containers/create", { spec, agent })) as { readonly Id: string };
  await ask(socket, "POST", `/containers/${id}/start`, { agent });
  await ask(socket, "POST", `/containers/${id}/wait`, { agent });
  await ask(socket, "DELETE", `/containers/${id}`, { agent });
}

async function warm(socket: string): Promise<Told> {
  let firstAt = 0;
  const session = opened(["cold", "warm", "first"], (line) => {
    if (firstAt === 0 && line.includes('"first byte"')) firstAt = performance.now();
  });
  const times = { cold: [] as number[], first: [] as number[], result: [] as number[] };
  for (let round = -2; round < ROUNDS; round++) {
    await settled(socket, session, 2 * WARM);
    const result = await timed(() => call(session, "warm"));
    await settled(socket, session, 2 * WARM);
    firstAt = 0;
    const began = performance.now();
    await call(session, "first", { progressToken: round });
    const first = firstAt - began;
    await settled(socket, session, 2 * WARM);
    const whole = await timed(() => call(session, "cold"));
    if (round < 0) continue;
    times.cold.push(whole);
    times.first.push(first);
    times.result.push(result);
  }
  await session.end();
  return {
    figures: [
      ratio(times.first, times.cold, "ms", { name: "first byte", target: { atMost: 0.03 } }),
      ratio(times.result, times.cold, "ms", { name: "result", target: { atMost: 0.06 } }),
    ],
  };
}

async function flood(socket: string): Promise<Told> {
  const session = opened(["cold", "flood"]);
  await settled(socket, session, 0);
  const rate = (ms: number): number => FLOOD_BYTES / 1e6 / (ms / 1000);
  const ours: number[] = [];
  const floor: number[] = [];
  // What is loaded for the first container is no growth.
  await call(session, "cold");
  await settled(socket, session, 0);
  const watch = watchServer(session);
  for (let round = 0; round < 5; round++) {
    ours.push(rate(await timed(() => call(session, "flood"))));
    await settled(socket, session, 0);
    floor.push(rate(await timed(() => readByHand(socket))));
  }
  const seen = await watch.end({ growthMiB: 64 });
  await session.end();
  return { figures: [ratio(ours, floor, "MB/s"), ...seen] };
}

/** Counts the bytes of an attached stream, and looks at nothing in them. */
async function readByHand(socket: string): Promise<void> {
  const spec = { ...SAME, Cmd: FLOOD, AttachStdout: true, AttachStderr: true };
  const { Id: id } = (await ask(socket, "POST", "/containers/create", { spec })) as { readonly Id: string };
  const stream = await attach(socket, id);
  let count = 0;
  const end = new Promise((resolve) =>
    stream.on("data", (chunk: Buffer) => (count += chunk.length)).once("end", resolve),
  );
  await ask(socket, "POST", `/containers/${id}/start`);
  await end;
  stream.destroy();
  if (count < FLOOD_BYTES) throw new Error(`only ${count} bytes came`);
  await ask(socket, "DELETE", `/containers/${id}?force=1`);
}

function attach(socketPath: string, id: string): Promise<Socket> {
  const path = `/containers/${id}/attach?stream=1&stdout=1&stderr=1`;
  return new Promise((resolve, reject) => {
    request({ socketPath, method: "POST", path, headers: { Connection: "Upgrade", Upgrade: "tcp" }, agent: false })
      .once("upgrade", (_answer: IncomingMessage, stream: Socket) => resolve(stream))
      .once("error", reject)
      .end();
  });
}

interface Question {
  readonly spec?: object;
  readonly agent?: Agent | undefined;
}

/** One request of the engine's API, and its answer as JSON. */
function ask(socketPath: string, method: string, path: string, { spec, agent }: Question = {}): Promise<unknown> {
  const body = spec === undefined ? "" : JSON.stringify(spec);
  const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    request({ socketPath, method, path, headers, agent: agent ?? false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.once("end", () => {
        if ((answer.statusCode ?? 500) < 400) resolve(text === "" ? null : JSON.parse(text));
        else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
      });
    })
      .once("error", reject)
      .end(body);
  });
}
