// How fast output comes through a call, and what it costs in memory.
import { read } from "./floor.ts";
import { processorTime, timed } from "./process.ts";
import type { Row, Told } from "./row.ts";
import { GIB, type PRINTERS, catalogue, serve } from "./server.ts";
import { callTool, open, watchServer } from "./session.ts";
import { ratio, steadyRatio } from "./statistics.ts";

const READER = "a bare `data` reader of a direct spawn";

export const output: readonly Row[] = [
  {
    id: "output",
    what: "1 GiB of output through a call",
    floor: READER,
    quick: true,
    measure: () => through("flood", { bytes: GIB, rounds: 5, growthMiB: 64 }),
  },
  {
    id: "output-2",
    what: "2 GiB of output through a call",
    floor: READER,
    measure: () => through("flood2", { bytes: 2 * GIB, rounds: 3, growthMiB: 64, pingMs: 50 }),
  },
  {
    id: "lines",
    what: "1 GiB of lines with a progress token",
    floor: "lines split by hand",
    measure: () => through("lines", { bytes: GIB, rounds: 3, growthMiB: 64 }),
  },
];

interface Way {
  readonly bytes: number;
  readonly rounds: number;
  readonly growthMiB?: number;
  readonly pingMs?: number;
}

async function through(name: keyof typeof PRINTERS, { bytes, rounds, ...limits }: Way): Promise<Told> {
  const session = open({ args: serve(catalogue(20)) });
  await callTool(session, "nothing");
  const watch = watchServer(session);
  const rate = async (work: () => Promise<unknown>): Promise<number> => bytes / 1e6 / ((await timed(work)) / 1000);
  const rates = { ours: [] as number[], floor: [] as number[] };
  const processor = { ours: [] as number[], floor: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    const token = name === "lines" ? { _meta: { progressToken: round } } : {};
    const before = processorTime(session.child.pid);
    const ours = await rate(() => callTool(session, name, token));
    const begun = processorTime(process.pid);
    const spent = processorTime(session.child.pid) - before;
    const floor = await rate(() => read(name));
    const own = processorTime(process.pid) - begun;
    // The first is compiled.
    if (round < 0) continue;
    rates.ours.push(ours);
    rates.floor.push(floor);
    processor.ours.push(spent);
    processor.floor.push(own);
  }
  const seen = await watch.end(limits);
  await session.end();
  return {
    figures: [
      ratio(rates.ours, rates.floor, "MB/s", { target: { atLeast: 0.75 } }),
      steadyRatio(processor, "processor time"),
      ...seen,
    ],
  };
}
