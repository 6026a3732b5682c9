// Measures the product beside floors and peers in one run, pair by pair. `npm run bench -- --help` says how.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { endTogether, measureAlone } from "./bench/alone.ts";
import { type Asked, HELP, parse } from "./bench/arguments.ts";
import { compare } from "./bench/compare.ts";
import { sweepEngines } from "./bench/containers.ts";
import { sweepInstalls } from "./bench/peer-install.ts";
import { build, readRecord, writeRecord } from "./bench/record.ts";
import { writeReport } from "./bench/report.ts";
import type { Row } from "./bench/row.ts";
import { rows } from "./bench/rows.ts";
import { sweepRooms } from "./bench/server.ts";
import { written } from "./bench/text.ts";

process.exitCode = await run(parse(process.argv.slice(2), rows));

async function run(asked: Asked | string): Promise<number> {
  if (typeof asked === "string") {
    console.error(asked);
    return 2;
  }
  const { help, list, profile, chosen, quick, minutes } = asked;
  if (help) {
    console.log(HELP);
    return 0;
  }
  if (list) {
    for (const { id, what } of chosen) console.log(`${id.padEnd(22)} ${what}`);
    return 0;
  }
  // What is measured is what the sources are now.
  const top = fileURLToPath(new URL("..", import.meta.url));
  execFileSync(process.execPath, ["scripts/build.ts"], { cwd: top, stdio: ["ignore", "ignore", "inherit"] });
  if (profile !== undefined) mkdirSync(profile, { recursive: true });
  for (const sweep of [sweepRooms, sweepEngines, sweepInstalls]) sweep();
  endTogether();
  return quick ? compare(chosen, { quick, minutes }) : measure(asked);
}

/** A row that fails has the others still measured; the code to end with. */
async function measure(asked: Asked): Promise<number> {
  const now = build();
  const began = performance.now();
  let failed = 0;
  for (const row of asked.chosen) {
    if (asked.resume && readRecord()[row.id]?.build === now) continue;
    const since = performance.now();
    const told = await attempt(row, asked);
    if (told === undefined) failed++;
    console.log(`| ${row.what} | ${told ?? "failed"} | ${seconds(since)} |`);
  }
  console.log(`all of it: ${seconds(began)}`);
  return failed === 0 ? 0 : 1;
}

async function attempt(row: Row, { quick, minutes, profile, write }: Asked): Promise<string | undefined> {
  try {
    const entry = await measureAlone(row, { quick, minutes }, profile === undefined ? undefined : resolve(profile));
    if (write) {
      writeRecord(
        { ...readRecord(), [row.id]: entry },
        rows.map(({ id }) => id),
      );
      writeReport();
    }
    return [...entry.figures.map(written), entry.remark ?? []].flat().join("; ");
  } catch (error) {
    const kept = write ? " (its recorded figures stay)" : "";
    console.error(`${row.id}: ${error instanceof Error ? error.message : String(error)}${kept}`);
    return undefined;
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(0)} s`;
}
