/** What a row yields: one number with its spread over the rounds, and what it was a ratio of. */
export interface Figure {
  /** Which of the row's; empty for the one that the row is about. */
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  /** The quartiles over the rounds. */
  readonly low: number;
  readonly high: number;
  /** Of a ratio: the medians of both sides. */
  readonly of?: { readonly ours: number; readonly floor: number; readonly unit: string };
  readonly target?: Target;
  /** Hardly moves with what else the machine does, so that `--quick` can compare it with the last recorded one. */
  readonly steady?: boolean;
  /** What it came from, for a chart: pairs of x and y. */
  readonly course?: readonly (readonly [number, number])[];
}

export type Target = { readonly atMost: number } | { readonly atLeast: number };

export interface Effort {
  /** A few rounds only, of what is steady. */
  readonly quick: boolean;
  /** How long a soak takes. */
  readonly minutes: number;
}

/** What a row told: its figures, and behind them why some are missing. One that has none rejects: what was recorded of it stays. */
export interface Told {
  readonly figures: readonly Figure[];
  readonly remark?: string;
}

export interface Row {
  /** Lower-case words with dashes, the same for ever: it is the key of the record. */
  readonly id: string;
  readonly what: string;
  /** What it is measured against. */
  readonly floor: string;
  /** Has steady figures, at a price that fits into CI. */
  readonly quick?: boolean;
  /** Takes minutes: only run when it is named, or when all is recorded. */
  readonly long?: boolean;
  readonly measure: (effort: Effort) => Promise<Told>;
}

export function isMissed({ median, target }: Figure): boolean {
  if (target === undefined) return false;
  return "atMost" in target ? !(median <= target.atMost) : !(median >= target.atLeast);
}

/** Whether more of a figure is better. */
export function isGain({ target, unit }: Figure): boolean {
  return target === undefined ? unit.endsWith("/s") : "atLeast" in target;
}
