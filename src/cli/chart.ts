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
const BAR = 20;
const LONGEST_NAME = 32;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** A table of the first of some groups, each with a bar for its calls. */
export function table(title: string, all: readonly Group[], { paint, columns }: Look): string {
  const groups = all.slice(0, MOST_ROWS);
  const most = Math.max(...groups.map(({ count }) => count));
  const rows = groups.map((group) => [
    columns === null ? printable(group.name || NAMELESS) : cut(printable(group.name || NAMELESS)),
    String(group.count),
    `${group.success_rate.toFixed(1)} %`,
    ...[group.avg_duration_ms, group.p50_ms, group.p95_ms, group.p99_ms].map(time),
  ]);
  const widths = HEAD.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  ");
  const width = columns === null ? 0 : Math.min(BAR, columns - line(HEAD).length - 4);
  const lines = rows.map((row, at) => {
    const chart = width < 4 ? "" : `  ${paint("green", bar((groups[at]?.count ?? 0) / most, width))}`;
    return `  ${line(row)}${chart}`.trimEnd();
  });
  const more = all.length > MOST_ROWS ? [`  and ${all.length - MOST_ROWS} more, which \`--json\` tells`] : [];
  return [paint("bold", title), paint("dim", `  ${line(HEAD)}`), ...lines, ...more, ""].join("\n");
}

/** Calls of tools that are not there ran nowhere. */
const NAMELESS = "(none)";

/** A part of `width` columns, to an eighth of one; what is more than nothing is seen. */
function bar(part: number, width: number): string {
  const eighths = Math.max(1, Math.round(part * width * 8));
  return `${"█".repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8] ?? ""}`;
}

function cut(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}

/** Milliseconds as people read them. */
export function time(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
