import type { Group } from "../stores/analytics/statistics.ts";
import { type Paint, printable } from "./print.ts";

/** How wide a table may be, and how its parts look. */
export interface Look {
  readonly paint: Paint;
  /** Columns of a terminal; null: bars are left out, and names are not cut. */
  readonly columns: number | null;
}

const HEAD = ["", "calls", "ok", "avg", "p50", "p95", "p99"] as const;
/** More than any number of days that can be asked for. */
const MOST_ROWS = 4000;
const BAR = { least: 4, most: 20 } as const;
const NAME = { least: 12, most: 32 } as const;
/** Of a terminal that has bars. */
const LEAST_COLUMNS = 60;
/** Name, calls, ok and avg, which always stand; the percentiles give way to the bars. */
const LEAST_CELLS = 4;
/** What stands before a line, between its cells and before its bar. */
const GAP = 2;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** A table of the first of some groups, each with a bar for its calls. */
export function table(title: string, all: readonly Group[], { paint, columns }: Look): string {
  const groups = all.slice(0, MOST_ROWS);
  const most = Math.max(...groups.map(({ count }) => count));
  const rows = groups.map((group) => [
    columns === null ? printable(group.name || NAMELESS) : cut(printable(group.name || NAMELESS), NAME.most),
    String(group.count),
    `${group.success_rate.toFixed(1)} %`,
    ...[group.avg_duration_ms, group.p50_ms, group.p95_ms, group.p99_ms].map(time),
  ]);
  const natural = HEAD.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const { widths, width } = fit(natural, columns ?? 0);
  const line = ([name = "", ...cells]: readonly string[]): string =>
    widths
      .map((each, at) => (at === 0 ? cut(name, each).padEnd(each) : (cells[at - 1] ?? "").padStart(each)))
      .join("  ");
  const lines = rows.map((row, at) => {
    const chart = width === 0 ? "" : `  ${paint("green", bar((groups[at]?.count ?? 0) / most, width))}`;
    return `  ${line(row)}${chart}`.trimEnd();
  });
  const more = all.length > MOST_ROWS ? [`  and ${all.length - MOST_ROWS} more, which \`--json\` tells`] : [];
  return [paint("bold", title), paint("dim", `  ${line(HEAD)}`), ...lines, ...more, ""].join("\n");
}

/** Calls of tools that are not there ran nowhere. */
const NAMELESS = "(none)";

/** How wide the cells that have room are, and how wide the bar beside them is; 0: there is none. */
function fit(
  natural: readonly number[],
  columns: number,
): { readonly widths: readonly number[]; readonly width: number } {
  if (columns < LEAST_COLUMNS) return { widths: natural, width: 0 };
  const [longest = 0, ...all] = natural;
  const least = Math.min(longest, NAME.least);
  const leftBy = (cells: readonly number[]): number =>
    cells.reduce((left, each) => left - each - GAP, columns - 2 * GAP);
  const counts = Array.from({ length: natural.length - LEAST_CELLS + 1 }, (_, less) => all.length - less);
  const most = counts.find((count) => leftBy(all.slice(0, count)) >= least + BAR.least) ?? LEAST_CELLS - 1;
  const cells = all.slice(0, most);
  const name = Math.max(least, Math.min(longest, leftBy(cells) - BAR.least));
  const width = Math.min(BAR.most, leftBy(cells) - name);
  return { widths: [name, ...cells], width: width < BAR.least ? 0 : width };
}

/** A part of `width` columns, to an eighth of one; what is more than nothing is seen. */
function bar(part: number, width: number): string {
  const eighths = Math.max(1, Math.round(part * width * 8));
  return `${"█".repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8] ?? ""}`;
}

function cut(name: string, most: number): string {
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`;
}

/** Milliseconds as people read them. */
export function time(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
