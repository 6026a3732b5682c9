// What a catalogue's size costs: a start grows with it, a call must not.
import { timed } from "./process.ts";
import type { Row, Told } from "./row.ts";
import { coldStart } from "./starts.ts";
import { caches, catalogue, serve } from "./server.ts";
import { callTool, listAll, open } from "./session.ts";
import { median, ratio, split } from "./statistics.ts";

const SIZES = [
  { count: 10, rounds: 15 },
  { count: 100, rounds: 15 },
  { count: 1000, rounds: 12, target: 2 },
  { count: 10_000, rounds: 6, target: 1.6 },
] as const;

export const scale: readonly Row[] = [
  ...SIZES.map((size): Row => ({
    id: `scale-${size.count}`,
    what: `cold start to \`tools/list\`, ${size.count.toLocaleString("en")} commands, unchanged file`,
    floor: "a bare Node script that writes the same bytes",
    measure: () => coldStart({ ...size, fresh: false }),
  })),
  {
    id: "scale-call",
    what: "a call, by the number of commands in the catalogue",
    floor: "the same call with 10 commands",
    measure: callsBySize,
  },
];

const BLOCK = 50;

/** One server of each size, called in turn: with a spawn, and refused before one. */
async function callsBySize(): Promise<Told> {
  const servers = SIZES.map(({ count }) => open({ args: serve(catalogue(count)), env: caches() }));
  for (const server of servers) await listAll(server);
  const spawning = SIZES.map(() => [] as number[]);
  const refused = SIZES.map(() => [] as number[]);
  for (let round = -BLOCK; round < 20 * BLOCK; round++)
    for (const [at, server] of servers.entries()) {
      const whole = await timed(() => callTool(server, "in_group"));
      const protocol = await timed(() => callTool(server, "in_group", { arguments: { unknown: 1 } }));
      if (round < 0) continue;
      spawning[at]?.push(whole);
      refused[at]?.push(protocol);
    }
  for (const server of servers) await server.end();
  const medians = (times: readonly number[] = []): number[] => split(times, 20).map(median);
  const figures = SIZES.flatMap(({ count }, at) => {
    if (at === 0) return [];
    const name = `${count.toLocaleString("en")} commands`;
    return [
      ratio(medians(spawning[at]), medians(spawning[0]), "ms", { name, target: { atMost: 1.25 } }),
      ratio(medians(refused[at]), medians(refused[0]), "ms", { name: `${name}, no spawn`, target: { atMost: 1.25 } }),
    ];
  });
  return { figures };
}
