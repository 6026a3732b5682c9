// docs/performance.json: what was measured last, row by row, with the machine that it was measured on.
import { createHash } from "node:crypto";
import { globSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { hear } from "./lives.ts";
import type { Told } from "./row.ts";

const FILE = fileURLToPath(new URL("../../docs/performance.json", import.meta.url));
const DIST = fileURLToPath(new URL("../../dist", import.meta.url));

export interface Entry extends Told {
  /** The day. */
  readonly date: string;
  readonly node: string;
  readonly cpus: number;
  /** The machine's load as the row began: what else it did. */
  readonly load: number;
  /** Tells builds apart. */
  readonly build: string;
}

export type Record = Readonly<{ [id: string]: Entry }>;

export function readRecord(): Record {
  try {
    return JSON.parse(readFileSync(FILE, "utf8")) as Record;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

/** Keeps the order of `ids`; a row that is no more is dropped. */
export function writeRecord(record: Record, ids: readonly string[]): void {
  const kept = ids.flatMap((id) => (record[id] ? [[id, record[id]] as const] : []));
  writeWhole(FILE, `${JSON.stringify(Object.fromEntries(kept), undefined, 2).replaceAll(NUMBERS, inOneLine)}\n`);
}

/** Puts a text in the place of a file, whole or not at all: also on a full disk, and where this is killed. */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.new`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A list of numbers that stands one below the other. */
const NUMBERS = /\[[\s\d.,e+-]+\]/g;

function inOneLine(list: string): string {
  return list.replaceAll(/\s+/g, " ").replace("[ ", "[").replace(" ]", "]");
}

/** Measures a row; rejects as it does. */
export async function entryOf(measure: () => Promise<Told>): Promise<Entry> {
  const load = Number(loadavg()[0]?.toFixed(1));
  let told: Told;
  try {
    told = await measure();
  } finally {
    await hear();
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version.slice(1),
    cpus: availableParallelism(),
    load,
    build: build(),
    ...told,
  };
}

export function build(): string {
  const hash = createHash("sha256");
  for (const file of globSync("*.mjs", { cwd: DIST }).toSorted()) hash.update(readFileSync(`${DIST}/${file}`));
  return hash.digest("hex").slice(0, 12);
}
