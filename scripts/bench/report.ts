// Shows the record in docs/performance.md: the table, the table of peers and the charts.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { charts } from "./charts.ts";
import { peers } from "./peers.ts";
import { type Entry, type Record, readRecord, writeWhole } from "./record.ts";
import type { Figure } from "./row.ts";
import { rows } from "./rows.ts";
import { amount, short, targets, written } from "./text.ts";

const DOCS = fileURLToPath(new URL("../../docs", import.meta.url));

export function writeReport(): void {
  const record = readRecord();
  const file = join(DOCS, "performance.md");
  const tables = { measured: table(record), peers: tableOfPeers(record) };
  let text = readFileSync(file, "utf8");
  for (const [name, lines] of Object.entries(tables)) text = between(text, name, lines.join("\n"));
  writeWhole(file, text);
  const folder = join(DOCS, "charts");
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of Object.entries(charts(record))) writeWhole(join(folder, name), svg);
}

/** Puts text between the two comments of a name. */
export function between(text: string, name: string, inner: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [begin, end] = [text.indexOf(open), text.indexOf(close)];
  if (begin < 0 || end < begin) throw new Error(`docs/performance.md has no ${open} with ${close} behind it`);
  return `${text.slice(0, begin + open.length)}\n${inner}\n${text.slice(end)}`;
}

export function table(record: Record): string[] {
  const peerIds = new Set(peers.map(({ id }) => id));
  const lines = rows.flatMap(({ id, what, floor }) => {
    const entry = record[id];
    if (entry === undefined || peerIds.has(id)) return [];
    const measured = [...entry.figures.map(written), entry.remark ?? []].flat().join("; ");
    return [`| ${what} | ${floor} | ${targets(entry.figures)} | ${measured} |`];
  });
  return [when(Object.values(record)), "", "| what | floor | target | measured |", "|---|---|---|---|", ...lines];
}

/** The days, the machine and what else it did. */
function when(entries: readonly Entry[]): string {
  if (entries.length === 0) return "Nothing is recorded yet.";
  const each = <T extends string | number>(of: (entry: Entry) => T): T[] =>
    [...new Set(entries.map(of))].toSorted((a, b) => (a < b ? -1 : 1));
  const dates = each(({ date }) => date);
  const loads = each(({ load }) => load);
  const days = dates.length === 1 ? `on ${dates[0]}` : `from ${dates[0]} to ${dates.at(-1)}`;
  const load = loads.length === 1 ? `of ${loads[0]}` : `between ${loads[0]} and ${loads.at(-1)}`;
  return `Measured ${days} on ${each(({ cpus }) => cpus).join(" and ")} cores with Node ${each(({ node }) => node).join(" and ")}; the machine had a load ${load} as the rows began.`;
}

const COLUMNS: readonly { readonly head: string; readonly cell: (find: Find) => string | undefined }[] = [
  { head: "start, ms", cell: (find) => both(find("start")) },
  { head: "memory, MB", cell: (find) => plain(find("memory")) },
  { head: "call of `true`, p50", cell: (find) => both(find("call p50")) },
  { head: "p99", cell: (find) => both(find("call p99")) },
  { head: "64 at once, calls/s", cell: (find) => both(find("64 at once")) },
  { head: "100 MB of lines", cell: printed },
  { head: "installed", cell: (find) => weight(find("installed"), find("of them")) },
];

type Find = (name: string) => Figure | undefined;

export function tableOfPeers(record: Record): string[] {
  const lines = peers.flatMap(({ id, what }) => {
    const entry = record[id];
    if (entry === undefined) return [];
    const find: Find = (name) => entry.figures.find((figure) => figure.name === name);
    const cells = COLUMNS.map(({ cell }) => cell(find) ?? "—");
    return [`| ${what} | ${cells.join(" | ")} | ${entry.remark ?? ""} |`];
  });
  if (lines.length === 0) return ["Nothing is recorded yet."];
  const head = ["server", ...COLUMNS.map(({ head: each }) => each), ""];
  return [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`, ...lines];
}

function both(figure: Figure | undefined): string | undefined {
  return figure?.of && `${short(figure.of.ours)} (${short(figure.median)} ×)`;
}

function plain(figure: Figure | undefined): string | undefined {
  return figure && short(figure.median);
}

function printed(find: Find): string | undefined {
  const [time, growth, answered] = [find("100 MB"), find("growth"), find("answered")];
  if (time === undefined || growth === undefined || answered === undefined) return undefined;
  return `${short(time.median)} s, + ${short(growth.median)} MB, answers ${short(answered.median)} MB`;
}

function weight(size: Figure | undefined, packages: Figure | undefined): string | undefined {
  return size && packages && `${amount(size)}, ${amount(packages)}`;
}
