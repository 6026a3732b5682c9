// How figures are written.
import { type Figure, isMissed } from "./row.ts";

/** Three digits, and no more of them behind the point than are needed. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || size >= 100) return Math.round(value).toLocaleString("en");
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(size >= 0.1 ? 2 : 3);
}

/** `2.95 × (2.81 to 3.10; 73.0 against 25.1 ms)`. */
export function written(figure: Figure): string {
  const { name, unit, median, low, high, of } = figure;
  const spread = short(low) === short(high) ? [] : [`${short(low)} to ${short(high)}`];
  const sides = of === undefined ? [] : [`${short(of.ours)} against ${short(of.floor)} ${of.unit}`];
  const more = [...spread, ...sides].join("; ");
  const missed = isMissed(figure) ? ": **missed**" : "";
  return `${name && `${name} `}${short(median)} ${unit}${more && ` (${more})`}${missed}`;
}

/** `≤ 3 ×`, or a dash. */
export function targets(figures: readonly Figure[]): string {
  const each = figures.flatMap(({ name, unit, target }) => {
    if (target === undefined) return [];
    const [sign, limit] = "atMost" in target ? ["≤", target.atMost] : ["≥", target.atLeast];
    return [`${name && `${name} `}${sign} ${limit.toLocaleString("en")} ${unit}`];
  });
  return each.join(", ") || "—";
}
