import type { Figure } from "./row.ts";

type More = Partial<Pick<Figure, "name" | "target" | "steady" | "course">>;

/** Ratios taken pair by pair; `unit` is that of both sides. */
export function ratio(ours: readonly number[], floor: readonly number[], unit: string, more: More = {}): Figure {
  const pairs = ours.map((value, index) => value / (floor[index] ?? Number.NaN));
  return {
    ...figure(pairs, "×", more),
    of: { ours: rounded(median(ours)), floor: rounded(median(floor)), unit },
  };
}

/** A figure of its own, compared with nothing. */
export function figure(values: readonly number[], unit: string, more: More = {}): Figure {
  if (values.length === 0 || !values.every(Number.isFinite))
    throw new Error(`expected numbers, got [${values.join(", ")}]`);
  return {
    name: "",
    unit,
    median: rounded(median(values)),
    low: rounded(quantile(values, 0.25)),
    high: rounded(quantile(values, 0.75)),
    ...more,
  };
}

/** Ratios of a quantile, one of each part of the rounds: what a single round cannot tell. */
export function ratioOfQuantiles(
  share: number,
  {
    ours,
    floor,
    parts,
  }: { readonly ours: readonly number[]; readonly floor: readonly number[]; readonly parts: number },
  unit: string,
  more: More = {},
): Figure {
  const each = (values: readonly number[]): number[] => split(values, parts).map((part) => quantile(part, share));
  return ratio(each(ours), each(floor), unit, more);
}

/** A ratio of lower quartiles: what else a machine does only adds to a processor's time, so the lesser half is the truer one. */
export function steadyRatio(
  { ours, floor }: { readonly ours: readonly number[]; readonly floor: readonly number[] },
  name: string,
): Figure {
  return ratioOfQuantiles(0.25, { ours, floor, parts: 1 }, "ms", { name, steady: true });
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Consecutive parts of the same length; what is left over at the end is not in any. */
export function split(values: readonly number[], parts: number): number[][] {
  const length = Math.max(1, Math.floor(values.length / parts));
  return Array.from({ length: Math.min(parts, values.length) }, (_, at) =>
    values.slice(at * length, (at + 1) * length),
  );
}

/** How much y grows for each one of x, by least squares; 0 where x does not change. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread;
}

/** Four digits are more than any measurement here is worth. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
