/** Calls that have all this in common. */
export interface Cell {
  readonly command: string;
  readonly executor: string;
  /** `YYYY-MM-DD`, where the report is read. */
  readonly day: string;
  readonly outcome: string;
  readonly success: boolean;
  readonly count: number;
  /** How long each took, in milliseconds; fewer than `count` where that is not known. */
  readonly durations: readonly number[];
}

/** Figures of any calls, by the names that the original MCPFier gave them. */
export interface Figures {
  /** Percent, to two decimals; 0 without calls. */
  readonly success_rate: number;
  readonly avg_duration_ms: number;
  /** The duration that so many percent of the calls did not exceed (nearest rank). */
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
}

/** Figures of the calls that share a name. */
export interface Group extends Figures {
  readonly name: string;
  readonly count: number;
}

export const KEYS = ["command", "executor", "day"] as const;
export type Key = (typeof KEYS)[number];

export function countOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, { count }) => sum + count, 0);
}

export function figuresOf(cells: readonly Cell[]): Figures {
  const durations = Float64Array.from(cells.flatMap((cell) => cell.durations)).toSorted();
  return {
    success_rate: percent(countOf(cells.filter(({ success }) => success)), countOf(cells)),
    avg_duration_ms: Math.round(durations.reduce((sum, each) => sum + each, 0) / Math.max(1, durations.length)),
    p50_ms: rank(durations, 50),
    p95_ms: rank(durations, 95),
    p99_ms: rank(durations, 99),
  };
}

/** Those of most calls first, days in their order. */
export function groupsOf(cells: readonly Cell[], key: Key): readonly Group[] {
  const groups = Array.from(
    Map.groupBy(cells, (cell) => cell[key]),
    groupOf,
  );
  const byName = (a: Group, b: Group): number => (a.name < b.name ? -1 : 1);
  return groups.toSorted((a, b) => (key === "day" ? 0 : b.count - a.count) || byName(a, b));
}

function groupOf([name, cells]: readonly [string, readonly Cell[]]): Group {
  return { name, count: countOf(cells), ...figuresOf(cells) };
}

/** To two decimals. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}

function rank(sorted: Float64Array, percentile: number): number {
  return sorted[Math.ceil((sorted.length * percentile) / 100) - 1] ?? 0;
}
