// Servers from npm that run commands too, started and called by the same driver with their own defaults.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bareScript, direct } from "./floor.ts";
import { type Size, install, sizeOfPeer } from "./peer-install.ts";
import { resident, timed } from "./process.ts";
import type { Figure, Row, Told } from "./row.ts";
import { PRINTERS, ROOM, caches, catalogue, serve } from "./server.ts";
import { type Opening, type Session, callTool, open } from "./session.ts";
import { start } from "./starts.ts";
import { figure, ratio, ratioOfQuantiles } from "./statistics.ts";

/** How a server is asked to run a command. */
type Ask = (shell: string) => { readonly name: string; readonly arguments: object };

interface Peer {
  readonly id: string;
  /** Node's arguments, and what it weighs when it is installed. */
  readonly ready: () => { readonly args: readonly string[]; readonly size: Size };
  /** Absent: it runs no commands. */
  readonly ask?: { readonly nothing: Ask; readonly text: Ask };
}

const TEXT = PRINTERS.text[2];
const RUN_COMMAND: Ask = (command) => ({ name: "run_command", arguments: { command } });

const all: readonly Peer[] = [
  { id: "mcpfier", ready: () => own(), ask: { nothing: tool("nothing"), text: tool("text") } },
  { id: "mcpfier, process group", ready: () => own(), ask: { nothing: tool("in_group"), text: tool("text_in_group") } },
  fromNpm("mcp-server-commands", "build/index.js", RUN_COMMAND),
  fromNpm("@agent-infra/mcp-server-commands", "dist/index.cjs", RUN_COMMAND),
  fromNpm("bash-command-mcp", "dist/index.js", (command) => ({ name: "run", arguments: { command } })),
  fromNpm("@wonderwhy-er/desktop-commander", "dist/index.js", (command) => ({
    name: "start_process",
    arguments: { command, timeout_ms: 60_000 },
  })),
  { ...fromNpm("fastmcp", "", RUN_COMMAND), ready: withFastmcp },
  fromNpm("@modelcontextprotocol/server-everything", "dist/index.js"),
];

export const peers: readonly Row[] = all.map((peer) => ({
  id: `peer-${peer.id.replaceAll(/[^a-z]+/g, "-").replace(/^-/, "")}`,
  what: peer.id,
  floor: "a bare Node script; the same spawn by the client",
  measure: () => measure(peer),
}));

function fromNpm(name: string, entry: string, ask?: Ask): Peer {
  const ready: Peer["ready"] = () => {
    const folder = install();
    return { args: [join(folder, "node_modules", name, entry)], size: sizeOfPeer(folder, name) };
  };
  return { id: name, ready, ...(ask && { ask: { nothing: ask, text: ask } }) };
}

function tool(name: string): Ask {
  return () => ({ name, arguments: {} });
}

function own(): ReturnType<Peer["ready"]> {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    encoding: "utf8",
    stdio: "pipe",
  });
  const { unpackedSize } = Object.values(JSON.parse(packed) as object)[0] as { readonly unpackedSize: number };
  return { args: serve(catalogue(20)), size: { megabytes: unpackedSize / 1e6, packages: 1 } };
}

/** A framework, with the one tool that its guide would have a user write. */
function withFastmcp(): ReturnType<Peer["ready"]> {
  const folder = install();
  const file = join(folder, "fastmcp-exec.mjs");
  writeFileSync(
    file,
    `import { exec } from "node:child_process";
import { promisify } from "node:util";
import { FastMCP } from "fastmcp";
import { z } from "zod";
const server = new FastMCP({ name: "exec", version: "1.0.0" });
server.addTool({
  name: "run_command",
  description: "Runs a command",
  parameters: z.object({ command: z.string() }),
  execute: async ({ command }) => (await promisify(exec)(command)).stdout,
});
await server.start({ transportType: "stdio" });
`,
  );
  return { args: [file], size: sizeOfPeer(folder, "fastmcp") };
}

/** Without a network: what a server would report or fetch in the background is not measured. */
function offline(): readonly string[] {
  const under = ["unshare", "--user", "--map-root-user", "--net"];
  return spawnSync("unshare", [...under.slice(1), "true"]).status === 0 ? under : [];
}

async function measure({ ready, ask }: Peer): Promise<Told> {
  const { args, size } = ready();
  const home = mkdtempSync(join(ROOM, "home-"));
  const server: Opening = { args, env: { ...caches(), HOME: home }, cwd: home, under: offline() };
  const figures = [
    figure([size.megabytes], "MB", { name: "installed" }),
    figure([size.packages], "packages", { name: "of them" }),
  ];
  try {
    figures.unshift(...(await inTime(starting(server))));
  } catch (error) {
    throw new Error(`start: ${reason(error)}`, { cause: error });
  }
  if (ask === undefined) return { figures, remark: "runs no commands" };
  const remarks: string[] = [];
  for (const [label, part] of PARTS) {
    const session = open(server);
    let isLate = false;
    try {
      figures.push(...(await inTime(session.hello.then(() => part(session, ask)))));
    } catch (error) {
      remarks.push(`${label}: ${reason(error)}`);
      isLate = error === LATE;
    }
    await session.end();
    if (isLate) break;
  }
  return { figures, ...(remarks.length > 0 && { remark: remarks.join("; ") }) };
}

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 100);
}

/** A server that hangs must not hold up the others; nothing more is asked of it. */
const PATIENCE_MS = 60_000;
const LATE = new Error(`not done in ${PATIENCE_MS / 1000} s`);

async function inTime<T>(work: Promise<T>): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(LATE), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, patience]);
  } finally {
    clearTimeout(late);
  }
}

async function starting(server: Opening): Promise<Figure[]> {
  const bare = { ...server, args: [await bareScript(server)] };
  // Its caches are written by now, if it has any.
  await start(server, 1500);
  const ours: number[] = [];
  const floor: number[] = [];
  const sizes: number[] = [];
  for (let round = 0; round < 9; round++) {
    const { list, memory } = await start(server);
    ours.push(list);
    sizes.push(memory);
    floor.push((await start(bare)).list);
  }
  return [ratio(ours, floor, "ms", { name: "start" }), figure(sizes, "MB", { name: "memory" })];
}

async function call(session: Session, { name, arguments: values }: ReturnType<Ask>): Promise<string> {
  const answer = await callTool(session, name, { arguments: values });
  const failed = /"isError":true|"error":\{/.test(answer.slice(0, 300) + answer.slice(-300));
  if (failed) throw new Error(/"(?:text|message)":"([^"]*)/.exec(answer)?.[1] ?? answer.slice(0, 200));
  return answer;
}

type Part = (session: Session, ask: NonNullable<Peer["ask"]>) => Promise<Figure[]>;

/** A slow server is measured by fewer calls. */
const ENOUGH_MS = 20_000;

const sequential: Part = async (session, { nothing }) => {
  const times = { ours: [] as number[], floor: [] as number[] };
  const until = performance.now() + ENOUGH_MS;
  for (let round = -20; round < 60 || (round < 300 && performance.now() < until); round++) {
    const ours = await timed(() => call(session, nothing("true")));
    const floor = await timed(direct);
    if (round < 0) continue;
    times.ours.push(ours);
    times.floor.push(floor);
  }
  return [
    ratioOfQuantiles(0.5, { ...times, parts: 6 }, "ms", { name: "call p50" }),
    ratioOfQuantiles(0.99, { ...times, parts: 2 }, "ms", { name: "call p99" }),
  ];
};

const together: Part = async (session, { nothing }) => {
  const rates = { ours: [] as number[], floor: [] as number[] };
  const rate = async (work: () => Promise<unknown>): Promise<number> => {
    const all64 = Array.from({ length: 64 }, async () => {
      for (let each = 0; each < 5; each++) await work();
    });
    return 320 / ((await timed(() => Promise.all(all64))) / 1000);
  };
  for (let round = -1; round < 3; round++) {
    const ours = await rate(() => call(session, nothing("true")));
    const floor = await rate(direct);
    if (round < 0) continue;
    rates.ours.push(ours);
    rates.floor.push(floor);
  }
  return [ratio(rates.ours, rates.floor, "calls/s", { name: "64 at once" })];
};

/** How long 100 MB of lines take, what they cost in memory, and how much of them is in the answer. */
const text: Part = async (session, asked) => {
  await call(session, asked.nothing("true"));
  const before = resident(session.child.pid);
  let peak = before;
  const watching = setInterval(() => (peak = Math.max(peak, resident(session.child.pid))), 10);
  let answer = "";
  try {
    const ms = await timed(async () => (answer = await call(session, asked.text(TEXT))));
    return [
      figure([ms / 1000], "s", { name: "100 MB" }),
      figure([(peak - before) / 1e6], "MB", { name: "growth" }),
      figure([answer.length / 1e6], "MB", { name: "answered" }),
    ];
  } finally {
    clearInterval(watching);
  }
};

/** Each with a server of its own: one that dies of a part has the others still measured. */
const PARTS = [
  ["calls", sequential],
  ["64 at once", together],
  ["100 MB", text],
] as const;
