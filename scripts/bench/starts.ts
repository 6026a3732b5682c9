// From the spawn to an answer, and what a server weighs then.
import { pause, processorTime, resident, runToEnd, timed } from "./process.ts";
import type { Row, Told } from "./row.ts";
import { bareScript } from "./floor.ts";
import { BIN, caches, catalogue, serve } from "./server.ts";
import { type Opening, listAll, open } from "./session.ts";
import { figure, ratio, steadyRatio } from "./statistics.ts";

const BARE = "a bare Node script that writes the same bytes";
/** Gives a server the time to write its caches. */
const LINGER_MS = 1500;

export const starts: readonly Row[] = [
  {
    id: "start",
    what: "cold start to `tools/list`, 20 commands, second start",
    floor: BARE,
    quick: true,
    measure: ({ quick }) => coldStart({ count: 20, rounds: quick ? 15 : 25, target: 2, fresh: false }),
  },
  {
    id: "start-fresh",
    what: "the same, nothing cached",
    floor: BARE,
    measure: () => coldStart({ count: 20, rounds: 15, target: 6, fresh: true }),
  },
  { id: "validate", what: "`--validate` of 10,000 commands (6 MB)", floor: "—", measure: validate },
];

export interface Starting {
  readonly count: number;
  readonly rounds: number;
  /** What the ratio to the bare script is to be at most. */
  readonly target?: number;
  readonly fresh: boolean;
}

export async function coldStart({ count, rounds, target, fresh }: Starting): Promise<Told> {
  const args = serve(catalogue(count));
  const kept = caches();
  const bare = await bareScript({ args, env: kept });
  await start({ args, env: kept }, LINGER_MS);
  const ours: Started[] = [];
  const floor: Started[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await start({ args, env: fresh ? caches() : kept }));
    floor.push(await start({ args: [bare], env: kept }));
  }
  const compared = (of: keyof Started, unit: string, more: Parameters<typeof ratio>[3]): ReturnType<typeof ratio> =>
    ratio(
      ours.map((each) => each[of]),
      floor.map((each) => each[of]),
      unit,
      more,
    );
  return {
    figures: [
      compared("list", "ms", target === undefined ? {} : { target: { atMost: target } }),
      compared("hello", "ms", { name: "to `initialize`" }),
      steadyRatio(
        { ours: ours.map((each) => each.processor), floor: floor.map((each) => each.processor) },
        "processor time",
      ),
      compared("memory", "MB", {
        name: "memory",
        steady: true,
        ...(count === 20 && !fresh && { target: { atMost: 1.3 } }),
      }),
    ],
  };
}

export interface Started {
  /** Milliseconds from the spawn to the answer of `initialize`, and to the last page of `tools/list`. */
  readonly hello: number;
  readonly list: number;
  /** Milliseconds of the processor, and resident megabytes, both then. */
  readonly processor: number;
  readonly memory: number;
}

export async function start(server: Opening, linger = 0): Promise<Started> {
  const started = performance.now();
  const session = open(server);
  const since = (): number => performance.now() - started;
  const hello = session.hello.then(since);
  await listAll(session);
  const list = since();
  const { pid } = session.child;
  const found = { hello: await hello, list, processor: processorTime(pid), memory: resident(pid) / 1e6 };
  await pause(linger);
  await session.end();
  return found;
}

async function validate(): Promise<Told> {
  const file = catalogue(10_000);
  const seconds: number[] = [];
  const peaks: number[] = [];
  for (let round = 0; round < 3; round++)
    seconds.push((await timed(async () => void peaks.push((await runToEnd([BIN, "--validate", file])) / 1e6))) / 1000);
  return {
    figures: [
      figure(seconds, "s", { target: { atMost: 3 } }),
      figure(peaks, "MB", { name: "memory", target: { atMost: 700 } }),
    ],
  };
}
