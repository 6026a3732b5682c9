// Measures the product beside floors and peers in one run, pair by pair. `npm run bench -- --help` says how.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { compare } from "./bench/compare.ts";
import { endEngine } from "./bench/containers.ts";
import { build, entryOf, readRecord, writeRecord } from "./bench/record.ts";
import { writeReport } from "./bench/report.ts";
import type { Effort, Row } from "./bench/row.ts";
import { rows } from "./bench/rows.ts";
import { BIN, ROOM, profileInto } from "./bench/server.ts";
import { written } from "./bench/text.ts";

const HELP = `npm run bench [-- [options] [part of a row's name]]

Nothing else should run on the machine meanwhile. Without a name all rows run but the long ones (the soak).

  --write           record what is measured in docs/performance.json, and show it in docs/performance.md; all rows, if none is named
  --resume          leave out what was recorded with the same build
  --minutes NUMBER  how long the soak takes (10)
  --quick           a minute of cheap rows, compared with the record: 1 is returned when one is worse by more than a quarter
  --profile FOLDER  have the servers of the named row write their .cpuprofile into this folder
  --list            name the rows
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: "boolean" },
    resume: { type: "boolean" },
    minutes: { type: "string", default: "10" },
    quick: { type: "boolean" },
    profile: { type: "string" },
    list: { type: "boolean" },
    help: { type: "boolean" },
  },
});
const name = positionals[0];
const effort: Effort = { quick: values.quick ?? false, minutes: Number(values.minutes) };
process.exitCode = await run();

async function run(): Promise<number> {
  const chosen = choose();
  const wrong = complaint(chosen);
  if (values.help || wrong !== undefined) {
    console.log(wrong ?? HELP);
    return wrong === undefined ? 0 : 2;
  }
  if (values.list) {
    for (const { id, what } of chosen) console.log(`${id.padEnd(22)} ${what}`);
    return 0;
  }
  if (values.profile !== undefined) {
    mkdirSync(values.profile, { recursive: true });
    profileInto(resolve(values.profile));
  }
  mkdirSync(ROOM, { mode: 0o700 });
  try {
    return values.quick ? await compare(chosen, effort) : await measure(chosen);
  } finally {
    endEngine();
    rmSync(ROOM, { recursive: true, force: true });
  }
}

function choose(): readonly Row[] {
  if (name !== undefined) {
    const exact = rows.filter(({ id }) => id === name);
    return exact.length > 0 ? exact : rows.filter(({ id, what }) => id.includes(name) || what.includes(name));
  }
  if (values.quick) return rows.filter(({ quick }) => quick);
  return rows.filter(({ long }) => values.write || values.list || !long);
}

function complaint(chosen: readonly Row[]): string | undefined {
  if (!existsSync(BIN)) return `there is no ${BIN}: run npm run build first`;
  if (!(effort.minutes > 0)) return `--minutes takes a number above 0, and not '${values.minutes}'`;
  if (chosen.length === 0) return `no row's name has '${name}' in it: --list names them`;
  if (values.profile !== undefined && name === undefined) return "--profile needs the name of a row";
  if (values.profile !== undefined && values.write) return "--profile slows the servers down: it goes without --write";
  return undefined;
}

async function measure(chosen: readonly Row[]): Promise<number> {
  const now = build();
  for (const row of chosen) {
    if (values.resume && readRecord()[row.id]?.build === now) continue;
    const entry = await entryOf(() => row.measure(effort));
    console.log(`| ${row.what} | ${[...entry.figures.map(written), entry.remark ?? []].flat().join("; ")} |`);
    if (!values.write) continue;
    writeRecord(
      { ...readRecord(), [row.id]: entry },
      rows.map(({ id }) => id),
    );
    writeReport();
  }
  return 0;
}
