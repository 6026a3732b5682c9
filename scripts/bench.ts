// Measures the product against floors of the same run, pair by pair, and prints the rows of docs/performance.md.
// `npm run bench [part of a row's name]`. Nothing else should run on the machine meanwhile.
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rows as analyticsRows } from "./bench-analytics.ts";
import { endEngine, rows as containerRows } from "./bench-containers.ts";
import { rows as packageRows } from "./bench-package.ts";
import {
  BIN,
  ROOM,
  type Row,
  type Session,
  open,
  quantile,
  ratio,
  resident,
  timed,
  watchServer,
} from "./bench-tools.ts";

const GIB = 1024 ** 3;

const rows: readonly Row[] = [
  { what: "cold start to tools/list, 20 commands, second start", measure: () => coldStart(20, 25, "kept") },
  { what: "cold start, 20 commands, nothing cached", measure: () => coldStart(20, 15, "fresh") },
  { what: "cold start, 1,000 commands, unchanged file", measure: () => coldStart(1000, 10, "kept") },
  { what: "cold start, 10,000 commands, unchanged file", measure: () => coldStart(10_000, 5, "kept") },
  { what: "--validate of 10,000 commands", measure: validate },
  { what: "resident memory after tools/list, 20 commands", measure: memory },
  { what: "a call of true, sequential, process group", measure: () => sequential("in_group", direct) },
  { what: "a call of true, sequential, in a pid namespace", measure: () => sequential("nothing", directInNamespace) },
  { what: "64 callers at once, process group", measure: () => parallel("in_group", direct) },
  { what: "64 callers at once, in a pid namespace", measure: () => parallel("nothing", directInNamespace) },
  { what: "10,064 calls at once, 64 of them running", measure: burst },
  { what: "the protocol's share of a call (no spawn)", measure: protocolShare },
  { what: "1 GiB of output through a call", measure: () => output("flood", 1) },
  { what: "2 GiB of output through a call", measure: () => output("flood2", 2) },
  { what: "1 GiB of lines with a progress token", measure: () => output("lines", 1) },
  ...analyticsRows,
  ...containerRows,
  ...packageRows,
];

function catalogue(count: number): string {
  const file = join(ROOM, `${count}.yaml`);
  const command = (index: number): string => `  - name: search_${index}
    description: Search files under the workspace with a regular expression, number ${index}.
    effect: read
    run: [grep, -rn, "\${{ flags }}", "-e\${{ pattern }}", --, "\${{ paths }}"]
    params:
      pattern:     { type: string, required: true, description: Regular expression to look for }
      paths:       { type: array, items: { type: path }, within: workspace, default: ["."] }
      ignore_case: { type: boolean, flag: --ignore-case }
      max_count:   { type: integer, minimum: 1, maximum: 500, default: 50, flag: --max-count= }
    ok_exit_codes: [0, 1]
    timeout: 30s
`;
  const fixtures = Object.entries({ nothing: ["true"], in_group: ["true"], ...PRINTERS }).map(
    ([name, run]) =>
      `  - { name: ${name}, description: d, run: ${JSON.stringify(run)}, timeout: 5m${name === "in_group" ? ", isolation: group" : ""} }\n`,
  );
  const others = Array.from({ length: count - fixtures.length }, (_, index) => command(index));
  writeFileSync(file, `commands:\n${[...fixtures, ...others].join("")}`);
  return file;
}

const PRINTERS = {
  flood: ["sh", "-c", `head -c ${GIB} /dev/zero`],
  flood2: ["sh", "-c", `head -c ${2 * GIB} /dev/zero`],
  lines: [
    "sh",
    "-c",
    `yes "a line of output as a build prints it, of eighty characters or so in its length" | head -c ${GIB}`,
  ],
} as const;

const serve = (file: string): readonly string[] => [BIN, "serve", "-c", file];

async function listAll(session: Session): Promise<string[]> {
  const pages: string[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const page = await session.ask("tools/list", cursor === undefined ? {} : { cursor });
    pages.push(page);
    cursor = /"nextCursor":"(\d+)"/.exec(page.slice(-200))?.[1] ?? /^.{0,40}"nextCursor":"(\d+)"/.exec(page)?.[1];
    more = cursor !== undefined;
  }
  return pages;
}

/** A bare script that serves the same bytes by hand. */
async function bareScript(file: string): Promise<string> {
  const session = await open(serve(file));
  const pages = await listAll(session);
  await session.end();
  const answers = join(ROOM, "answers.json");
  writeFileSync(answers, JSON.stringify(pages));
  const script = join(ROOM, "bare.mjs");
  writeFileSync(
    script,
    `import { readFileSync } from "node:fs";
const pages = JSON.parse(readFileSync(${JSON.stringify(answers)}, "utf8"));
let page = 0, rest = "";
process.stdin.setEncoding("utf8").on("data", (chunk) => {
  const lines = (rest + chunk).split("\\n");
  rest = lines.pop();
  for (const line of lines) if (line.includes("tools/list")) process.stdout.write(pages[page++ % pages.length] + "\\n");
});
`,
  );
  return script;
}

async function coldStart(count: number, rounds: number, cache: "kept" | "fresh"): Promise<string> {
  const file = catalogue(count);
  const kept = caches();
  const bare = await bareScript(file);
  await timeStart(serve(file), kept, 1500);
  const ours: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await timeStart(serve(file), cache === "kept" ? kept : caches(), 0));
    floor.push(await timeStart([bare], kept, 0));
  }
  return ratio(ours, floor, "ms");
}

let rooms = 0;
function caches(): NodeJS.ProcessEnv {
  const path = join(ROOM, `cache-${rooms++}`);
  return { ...process.env, XDG_CACHE_HOME: path, NODE_COMPILE_CACHE: join(path, "node") };
}

/** Milliseconds from the spawn to the last page; `linger` gives the server time to write its caches. */
async function timeStart(args: readonly string[], env: NodeJS.ProcessEnv, linger: number): Promise<number> {
  const started = performance.now();
  const session = await open(args, env);
  await listAll(session);
  const time = performance.now() - started;
  await new Promise((resolve) => setTimeout(resolve, linger));
  await session.end();
  return time;
}

async function validate(): Promise<string> {
  const file = catalogue(10_000);
  const started = performance.now();
  const child = spawn(process.execPath, [BIN, "--validate", file], { stdio: "ignore" });
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, resident(child.pid))), 20);
  await new Promise((resolve) => child.once("close", resolve));
  clearInterval(watch);
  return `${((performance.now() - started) / 1000).toFixed(2)} s, ${Math.round(peak / 1e6)} MB`;
}

async function memory(): Promise<string> {
  const file = catalogue(20);
  const bare = await bareScript(file);
  const sizes = { ours: [] as number[], floor: [] as number[] };
  for (let round = 0; round < 7; round++) {
    for (const [name, args] of [
      ["ours", serve(file)],
      ["floor", [bare]],
    ] as const) {
      const session = await open(args);
      await listAll(session);
      sizes[name].push(resident(session.child.pid) / 1e6);
      await session.end();
    }
  }
  return ratio(sizes.ours, sizes.floor, "MB");
}

const CALL = { name: "nothing", arguments: {} };

async function sequential(name: string, floorCall: () => Promise<void>): Promise<string> {
  const session = await open(serve(catalogue(20)));
  const ours: number[] = [];
  const floor: number[] = [];
  for (let round = -50; round < 500; round++) {
    const a = await timed(() => session.ask("tools/call", { name, arguments: {} }));
    const b = await timed(floorCall);
    if (round < 0) continue;
    ours.push(a);
    floor.push(b);
  }
  await session.end();
  return `${ratio(ours, floor, "ms")}; p99 ${(quantile(ours, 0.99) / quantile(floor, 0.99)).toFixed(2)} ×`;
}

async function parallel(name: string, floorCall: () => Promise<void>): Promise<string> {
  const session = await open(serve(catalogue(20)));
  const rate = async (call: () => Promise<unknown>): Promise<number> => {
    const time = await timed(() =>
      Promise.all(
        Array.from({ length: 64 }, async () => {
          for (let each = 0; each < 10; each++) await call();
        }),
      ),
    );
    return 640 / (time / 1000);
  };
  const ours: number[] = [];
  const floor: number[] = [];
  for (let round = -1; round < 5; round++) {
    const a = await rate(() => session.ask("tools/call", { name, arguments: {} }));
    const b = await rate(floorCall);
    if (round < 0) continue;
    ours.push(a);
    floor.push(b);
  }
  await session.end();
  return ratio(ours, floor, "calls/s");
}

/** All of them asked for in one instant; how long a ping takes meanwhile tells how long the event loop is held. */
async function burst(): Promise<string> {
  const file = join(ROOM, "burst.yaml");
  writeFileSync(
    file,
    'concurrency: 64\nqueue: 10000\ncommands:\n  - { name: nothing, description: d, run: ["true"] }\n',
  );
  const session = await open(serve(file));
  await session.ask("tools/call", CALL);
  const rounds: string[] = [];
  for (const round of ["first", "second"]) {
    const probe = watchServer(session);
    const started = performance.now();
    const answers = await Promise.all(Array.from({ length: 10_064 }, () => session.ask("tools/call", CALL)));
    const seconds = (performance.now() - started) / 1000;
    const completed = answers.filter((answer) => answer.includes('"outcome":"completed"')).length;
    rounds.push(`${round}: ${completed} completed in ${seconds.toFixed(1)} s, ${await probe.end()}`);
  }
  await session.end();
  return rounds.join("; ");
}

function direct(): Promise<void> {
  return spawned("/bin/true", []);
}

function directInNamespace(): Promise<void> {
  return spawned("bwrap", [
    "--dev-bind",
    "/",
    "/",
    "--unshare-pid",
    "--proc",
    "/proc",
    "--die-with-parent",
    "--",
    "/bin/true",
  ]);
}

function spawned(file: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], detached: true }).once("close", () => resolve());
  });
}

async function protocolShare(): Promise<string> {
  const session = await open(serve(catalogue(20)));
  const times: number[] = [];
  const refused = { name: "nothing", arguments: { unknown: 1 } };
  for (let round = -200; round < 2000; round++) {
    const time = await timed(() => session.ask("tools/call", refused));
    if (round >= 0) times.push(time);
  }
  await session.end();
  return `p50 ${quantile(times, 0.5).toFixed(3)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms (with the check of its arguments)`;
}

async function output(name: keyof typeof PRINTERS, gib: number): Promise<string> {
  const session = await open(serve(catalogue(20)));
  await session.ask("tools/call", CALL);
  const probe = watchServer(session);
  const ours: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < 3; round++) {
    const call = { name, arguments: {}, ...(name === "lines" ? { _meta: { progressToken: round } } : {}) };
    ours.push((gib * GIB) / 1e6 / ((await timed(() => session.ask("tools/call", call))) / 1000));
    floor.push((gib * GIB) / 1e6 / ((await timed(() => read(name))) / 1000));
  }
  const told = await probe.end();
  await session.end();
  return `${ratio(ours, floor, "MB/s")}; ${told}`;
}

/** The same bytes, read by hand: counted, or split into lines. */
function read(name: keyof typeof PRINTERS): Promise<void> {
  const [file, ...args] = PRINTERS[name];
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "ignore"] });
  let count = 0;
  let latest = "";
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    if (name !== "lines") {
      count += chunk.length;
      return;
    }
    const parts = (rest + chunk.toString()).split("\n");
    rest = parts.pop() ?? "";
    count += parts.length;
    latest = parts.at(-1) ?? latest;
  });
  return new Promise((resolve) => {
    child.once("close", () => resolve());
  });
}

const wanted = process.argv[2] ?? "";
try {
  for (const { what, measure } of rows.filter((row) => row.what.includes(wanted)))
    console.log(`| ${what} | ${await measure()} |`);
} finally {
  endEngine();
  rmSync(ROOM, { recursive: true, force: true });
}
