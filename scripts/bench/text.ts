// How figures are written.
import { type Figure, isMissed } from "./row.ts";

/** Three digits, and no more of them behind the point than are needed. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || size >= 100) return Math.round(value).toLocaleString("en");
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(size >= 0.1 ? 2 : 3);
}

/** What is counted, by the unit: its numbers are whole, and one of them is called so. */
const ONE: Readonly<{ [unit: string]: string }> = {
  answers: "answer",
  calls: "call",
  "child processes": "child process",
  files: "file",
  listeners: "listener",
  "open files": "open file",
  packages: "package",
  threads: "thread",
  "timers and handles": "timer or handle",
};

/** `2.95 ×`, `12 packages`, `1 package`. */
export function amount({ median, unit }: Pick<Figure, "median" | "unit">): string {
  return `${digits(median, unit)} ${named(median, unit)}`;
}

function digits(value: number, unit: string): string {
  return unit in ONE ? value.toLocaleString("en") : short(value);
}

function named(value: number, unit: string): string {
  return value === 1 ? (ONE[unit] ?? unit) : unit;
}

/** `2.95 × (2.81 to 3.10; 73.0 against 25.1 ms)`. */
export function written(figure: Figure): string {
  const { name, unit, low, high, of } = figure;
  const [from, to] = [digits(low, unit), digits(high, unit)];
  const spread = from === to ? [] : [`${from} to ${to}`];
  const sides = of === undefined ? [] : [`${short(of.ours)} against ${short(of.floor)} ${of.unit}`];
  const more = [...spread, ...sides].join("; ");
  const missed = isMissed(figure) ? ": **missed**" : "";
  return `${name && `${name} `}${amount(figure)}${more && ` (${more})`}${missed}`;
}

/** `≤ 3 ×`, or a dash. */
export function targets(figures: readonly Figure[]): string {
  const each = figures.flatMap(({ name, unit, target }) => {
    if (target === undefined) return [];
    const [sign, limit] = "atMost" in target ? ["≤", target.atMost] : ["≥", target.atLeast];
    return [`${name && `${name} `}${sign} ${limit.toLocaleString("en")} ${named(limit, unit)}`];
  });
  return each.join(", ") || "—";
}
