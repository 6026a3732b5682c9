// What a call costs, one at a time and many at once.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bareScript, direct, directInNamespace } from "./floor.ts";
import { processorTime, timed } from "./process.ts";
import type { Figure, Row, Told } from "./row.ts";
import { ROOM, catalogue, serve } from "./server.ts";
import { type Session, callTool, open, watchServer } from "./session.ts";
import { figure, ratio, ratioOfQuantiles, steadyRatio } from "./statistics.ts";

const SAME_SPAWN = "the same spawn by the client";
const SAME_BOX = "the same namespace by a direct spawn";

/** How a call of `true` is contained, and the floor that spawns the same. */
interface Kind {
  readonly tool: string;
  readonly floor: () => Promise<void>;
}
const GROUP: Kind = { tool: "in_group", floor: direct };
const NAMESPACE: Kind = { tool: "nothing", floor: directInNamespace };

const ROUNDS = 2000;
/** The processor time of a call falls while its code is compiled, by how much else the machine does: it is that of the last ones. */
const STEADY_ROUNDS = 400;

export const calls: readonly Row[] = [
  {
    id: "call",
    what: "a call of `true`, sequential, process group",
    floor: SAME_SPAWN,
    quick: true,
    measure: () => sequential(GROUP, { p50: 1, p99: 2 }),
  },
  {
    id: "call-namespace",
    what: "the same, in a pid namespace",
    floor: SAME_BOX,
    measure: () => sequential(NAMESPACE, { p50: 1 }),
  },
  ...[1, 8, 64].map((callers): Row => {
    const what = callers === 1 ? "one caller" : `${callers} callers at once`;
    return {
      id: `callers-${callers}`,
      what: `${what}, process group`,
      floor: "the same spawns by the client",
      measure: () => parallel(GROUP, { callers, rounds: 7, ...(callers > 1 && { target: 1.4 }) }),
    };
  }),
  {
    id: "callers-64-namespace",
    what: "64 callers at once, in a pid namespace",
    floor: SAME_BOX,
    measure: () => parallel(NAMESPACE, { callers: 64, rounds: 5, target: 1.1 }),
  },
  { id: "burst", what: "10,064 calls at once, 64 of them running", floor: "—", measure: burst },
  {
    id: "protocol",
    what: "the protocol's share of a call (no spawn), with the check of its arguments",
    floor: "a bare script that answers",
    measure: () => protocolShare(4000),
  },
];

async function sequential(
  { tool, floor }: Kind,
  targets: { readonly p50: number; readonly p99?: number },
): Promise<Told> {
  const session = open({ args: serve(catalogue(20)) });
  const times = { ours: [] as number[], floor: [] as number[] };
  const processor = { ours: [] as number[], floor: [] as number[] };
  const warmUp = 50;
  for (let round = -warmUp; round < ROUNDS; round++) {
    const before = processorTime(session.child.pid);
    const ours = await timed(() => callTool(session, tool));
    const between = own();
    const floored = await timed(floor);
    const after = own();
    if (round < 0) continue;
    times.ours.push(ours);
    times.floor.push(floored);
    processor.ours.push(processorTime(session.child.pid) - before);
    processor.floor.push(after - between);
  }
  await session.end();
  const late = (all: readonly number[]): readonly number[] => all.slice(-STEADY_ROUNDS);
  const p99 = targets.p99 === undefined ? {} : { target: { atMost: targets.p99 } };
  return {
    figures: [
      ratioOfQuantiles(0.5, { ...times, parts: 10 }, "ms", { name: "p50", target: { atMost: targets.p50 } }),
      ratioOfQuantiles(0.99, { ...times, parts: 4 }, "ms", { name: "p99", ...p99 }),
      steadyRatio({ ours: late(processor.ours), floor: late(processor.floor) }, "processor time"),
    ],
  };
}

/** Milliseconds of the processor that this process has had. */
function own(): number {
  return processorTime(process.pid);
}

const EACH = 10;

interface Parallel {
  readonly callers: number;
  readonly rounds: number;
  readonly target?: number;
}

async function parallel({ tool, floor }: Kind, { callers, rounds, target }: Parallel): Promise<Told> {
  const session = open({ args: serve(catalogue(20)) });
  const many = Math.max(callers * EACH, 160);
  const rate = async (call: () => Promise<unknown>): Promise<number> => many / ((await timed(() => all(call))) / 1000);
  const all = (call: () => Promise<unknown>): Promise<unknown> => {
    let left = many;
    const caller = async (): Promise<void> => {
      while (left-- > 0) await call();
    };
    return Promise.all(Array.from({ length: callers }, caller));
  };
  const rates = { ours: [] as number[], floor: [] as number[] };
  const processor = { ours: [] as number[], floor: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    const before = processorTime(session.child.pid);
    const ours = await rate(() => callTool(session, tool));
    const spent = processorTime(session.child.pid) - before;
    const begun = own();
    const floored = await rate(floor);
    if (round < 0) continue;
    rates.ours.push(ours);
    rates.floor.push(floored);
    processor.ours.push(spent / many);
    processor.floor.push((own() - begun) / many);
  }
  await session.end();
  const least = target === undefined ? {} : { target: { atLeast: target } };
  return {
    figures: [ratio(rates.ours, rates.floor, "calls/s", least), steadyRatio(processor, "processor time of a call")],
  };
}

/** All of them asked for in one instant; how long a ping takes meanwhile tells how long the event loop is held. */
async function burst(): Promise<Told> {
  const file = join(ROOM, "burst.yaml");
  writeFileSync(
    file,
    'concurrency: 64\nqueue: 10000\ncommands:\n  - { name: nothing, description: d, run: ["true"] }\n',
  );
  const session = open({ args: serve(file) });
  await callTool(session, "nothing");
  const watch = watchServer(session);
  const started = performance.now();
  const answers = await Promise.all(Array.from({ length: 10_064 }, () => callTool(session, "nothing")));
  const seconds = (performance.now() - started) / 1000;
  const seen = await watch.end({ pingMs: 200 });
  await session.end();
  const others = answers.filter((answer) => !answer.includes('"outcome":"completed"'));
  const told: Figure[] = [
    figure([seconds], "s"),
    figure([others.length], "calls", { name: "not completed", target: { atMost: 0 } }),
  ];
  return { figures: [...told, ...seen] };
}

/** A call that is refused for its arguments, so that nothing is started. */
async function protocolShare(rounds: number): Promise<Told> {
  const args = serve(catalogue(20));
  const servers = { ours: open({ args }), floor: open({ args: [await bareScript({ args })] }) };
  const times = { ours: [] as number[], floor: [] as number[] };
  const processor = { ours: [] as number[], floor: [] as number[] };
  const block = 100;
  for (let round = -5; round < rounds / block; round++)
    for (const side of ["ours", "floor"] as const) {
      const session: Session = servers[side];
      const before = processorTime(session.child.pid);
      const taken: number[] = [];
      for (let each = 0; each < block; each++)
        taken.push(await timed(() => callTool(session, "nothing", { arguments: { unknown: 1 } })));
      if (round < 0) continue;
      times[side].push(...taken);
      processor[side].push((processorTime(session.child.pid) - before) / block);
    }
  await servers.ours.end();
  await servers.floor.end();
  return {
    figures: [
      figure(times.ours, "ms", { name: "p50", target: { atMost: 0.15 } }),
      ratioOfQuantiles(0.5, { ...times, parts: rounds / block }, "ms", { name: "to the floor" }),
      steadyRatio(processor, "processor time"),
    ],
  };
}
