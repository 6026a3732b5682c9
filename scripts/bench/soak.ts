// Minutes of mixed calls: what a server holds after them must be what it held before.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Inspector, freePort, inspect } from "./inspector.ts";
import { holdings, pause, resident } from "./process.ts";
import type { Effort, Figure, Row, Told } from "./row.ts";
import { ROOM, caches, serve } from "./server.ts";
import { type Session, callTool, open } from "./session.ts";
import { figure, median, slope } from "./statistics.ts";

export const soak: readonly Row[] = [
  {
    id: "soak",
    what: "minutes of mixed calls: completed, failing, cancelled, timed out, 4 MB of output, progress, wrong arguments, reloads",
    floor: "itself, after half of the time",
    long: true,
    measure: run,
  },
];

const CALLERS = 4;
/** Between two looks at what the server holds. */
const LOOK_MS = 3000;
/** Looks between two changes of the catalogue. */
const RELOAD_EVERY = 5;
const MINUTE_MS = 60_000;

const COMMANDS = [
  { name: "nothing", run: ["true"] },
  { name: "fails", run: ["false"] },
  { name: "waits", run: ["sleep", "30"] },
  { name: "late", run: ["sleep", "30"], timeout: "50ms" },
  { name: "large", run: ["sh", "-c", "yes a line of output of some length | head -c 4000000"] },
  { name: "tells", run: ["sh", "-c", "for i in 1 2 3 4 5; do echo $i; done"] },
];

function writeCatalogue(file: string, version: number): void {
  const commands = COMMANDS.map((command) => Object.assign({ description: `of catalogue ${version}` }, command));
  writeFileSync(file, JSON.stringify({ commands }));
}

/** One call of each kind, and how its answer is known to be right. */
const KINDS: readonly ((session: Session) => Promise<boolean>)[] = [
  async (session) => (await callTool(session, "nothing")).includes('"outcome":"completed"'),
  async (session) => (await callTool(session, "fails")).includes('"isError":true'),
  cancel,
  async (session) => (await callTool(session, "late")).includes('"isError":true'),
  async (session) => (await callTool(session, "large")).includes('"outcome":"completed"'),
  async (session) => (await callTool(session, "tells", { _meta: { progressToken: "soak" } })).includes("completed"),
  async (session) => (await callTool(session, "nothing", { arguments: { unknown: 1 } })).includes('"isError":true'),
  async (session) => (await callTool(session, "absent")).includes('"error"'),
];

/** Nothing answers a call that is cancelled. */
async function cancel(session: Session): Promise<boolean> {
  const { id } = session.begin("tools/call", { name: "waits", arguments: {} });
  await pause(30);
  session.notify("notifications/cancelled", { requestId: id });
  session.forget(id);
  return true;
}

/** What is seen of a server that does nothing. */
interface Look {
  readonly minute: number;
  readonly residentMB: number;
  readonly heapMB: number;
  readonly files: number;
  readonly threads: number;
  readonly children: number;
  readonly resources: number;
  readonly listeners: number;
}

async function run({ minutes }: Effort): Promise<Told> {
  const file = join(ROOM, "soak.yaml");
  writeCatalogue(file, 0);
  const port = await freePort();
  const session = open({ args: [`--inspect=127.0.0.1:${port}`, ...serve(file)], env: caches() });
  await session.hello;
  const inspector = await inspect(port);
  const looks: Look[] = [];
  let done = 0;
  const wrong: number[] = [];
  const began = performance.now();
  while (performance.now() - began < minutes * MINUTE_MS) {
    const until = performance.now() + LOOK_MS;
    const caller = async (_: unknown, first: number): Promise<void> => {
      for (let kind = first * 2; performance.now() < until; kind = (kind + 1) % KINDS.length) {
        done++;
        if (!(await KINDS[kind]?.(session))) wrong.push(kind);
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    looks.push(await look(session, inspector, (performance.now() - began) / MINUTE_MS));
    if (looks.length % RELOAD_EVERY === 0) writeCatalogue(file, looks.length);
  }
  inspector.close();
  await session.end();
  return { figures: figuresOf(looks, { done, wrong: wrong.length, minutes }) };
}

/** Once all that was begun has ended, and what is garbage is gone. */
async function look(session: Session, inspector: Inspector, minute: number): Promise<Look> {
  const { pid } = session.child;
  const until = performance.now() + 5000;
  while ((holdings(pid).children > 0 || (await isAtWork(inspector))) && performance.now() < until) await pause(10);
  await inspector.collect();
  const inside = await inspector.evaluate(INSIDE);
  return { minute, residentMB: resident(pid) / 1e6, ...holdings(pid), ...(JSON.parse(inside) as Inside) };
}

/** Whether it asks something of the system: records that are too many are removed between the calls. */
async function isAtWork(inspector: Inspector): Promise<boolean> {
  return (await inspector.evaluate("process.getActiveResourcesInfo().join()")).includes("Req");
}

type Inside = Pick<Look, "heapMB" | "resources" | "listeners">;

const INSIDE = `JSON.stringify({
  heapMB: process.memoryUsage().heapUsed / 1e6,
  resources: process.getActiveResourcesInfo().length,
  listeners: [process, process.stdin, process.stdout].flatMap((one) => one.eventNames().map((name) => one.listenerCount(name)))
    .reduce((sum, count) => sum + count, 0),
})`;

interface Work {
  readonly done: number;
  readonly wrong: number;
  readonly minutes: number;
}

function figuresOf(looks: readonly Look[], { done, wrong, minutes }: Work): Figure[] {
  const half = looks.slice(Math.floor(looks.length / 2));
  const course = (of: keyof Look): (readonly [number, number])[] =>
    looks.map((each) => [each.minute, each[of]] as const);
  const growth = (of: keyof Look, name: string, unit: string, atMost: number): Figure =>
    figure([slope(half.map((each) => [each.minute, each[of]] as const))], `${unit} a minute`, {
      name,
      target: { atMost },
      ...(unit === "MB" && { course: thinned(course(of)) }),
    });
  /** Counts have no slope worth a digit: the second half's usual is set beside the first one's. */
  const more = (of: keyof Look, name: string): Figure => {
    const first = looks.slice(0, looks.length - half.length).map((each) => each[of]);
    return figure([median(half.map((each) => each[of])) - median(first)], name, { name: "+", target: { atMost: 0 } });
  };
  return [
    growth("residentMB", "resident memory", "MB", 0.5),
    growth("heapMB", "heap", "MB", 0.1),
    more("files", "open files"),
    more("threads", "threads"),
    more("children", "child processes"),
    more("resources", "timers and handles"),
    more("listeners", "listeners"),
    figure([wrong], "answers", { name: "wrong", target: { atMost: 0 } }),
    figure([done], "calls", { name: "in all" }),
    figure([minutes], "minutes", { name: "in" }),
  ];
}

const MOST_POINTS = 60;

function thinned(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const step = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  return points
    .filter((_, at) => at % step === 0)
    .map(([x, y]) => [Number(x.toFixed(2)), Number(y.toFixed(1))] as const);
}
