// Calls beside output that is being held.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pause, resident, timed } from "./process.ts";
import type { Row, Told } from "./row.ts";
import { ROOM, serve } from "./server.ts";
import { type Session, callTool, open } from "./session.ts";
import { figure, ratio } from "./statistics.ts";

export const held: readonly Row[] = [
  {
    id: "held",
    what: "64 callers at once, 128 MB of output being held",
    floor: "its own rate without",
    measure,
  },
];

const MB = 1e6;
/** Calls that run all the while, with so much output each. */
const HOLDERS = 8;
const EACH = 16 * MB;
const CALLERS = 64;
const ROUNDS = 9;
const CALLS = 128;

/** The same server twice, with as many calls running: in one they have printed what it must keep, in the other nothing. */
async function measure(): Promise<Told> {
  const file = join(ROOM, "held.yaml");
  writeFileSync(
    file,
    `concurrency: ${2 * HOLDERS}
commands:
  - { name: nothing, description: d, run: ["true"], isolation: group }
  - { name: silent, description: d, run: [sh, -c, "exec sleep 600"], timeout: 10m }
  - { name: holder, description: d, run: [sh, -c, "head -c ${EACH} /dev/zero; exec sleep 600"], timeout: 10m, output: { max: 16MiB } }
`,
  );
  const [holding, free] = [await holders(file, "holder"), await holders(file, "silent")];
  const more = (resident(holding.child.pid) - resident(free.child.pid)) / MB;
  const ours: number[] = [];
  const floor: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const rates = { ours: await rate(holding), floor: await rate(free) };
    if (round < 0) continue;
    ours.push(rates.ours);
    floor.push(rates.floor);
  }
  for (const session of [holding, free]) await session.end();
  return {
    figures: [
      ratio(ours, floor, "calls/s", { target: { atLeast: 0.9 } }),
      figure([more], "MB", { name: "memory that is held" }),
    ],
  };
}

async function holders(file: string, name: "holder" | "silent"): Promise<Session> {
  const session = open({ args: serve(file) });
  for (let each = 0; each < HOLDERS; each++) void callTool(session, name).catch(() => undefined);
  await callTool(session, "nothing");
  await settled(session);
  return session;
}

/** Resolves when the memory has not grown for a while: all that is printed has come. */
async function settled({ child }: Session): Promise<void> {
  const sizes: number[] = [];
  do {
    sizes.push(resident(child.pid));
    await pause(200);
  } while (sizes.length < 5 || Math.max(...sizes.slice(-5)) - Math.min(...sizes.slice(-5)) > MB);
}

async function rate(session: Session): Promise<number> {
  const time = await timed(() =>
    Promise.all(
      Array.from({ length: CALLERS }, async () => {
        for (let each = 0; each < CALLS / CALLERS; each++) await callTool(session, "nothing");
      }),
    ),
  );
  return CALLS / (time / 1000);
}
