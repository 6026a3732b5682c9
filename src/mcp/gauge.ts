import type { Report } from "./report.ts";

/** `progress` and `total` of a notification. */
export interface Reading {
  readonly progress: number;
  readonly total?: number;
}

/** What share of the way that is left is gone when only a sign of life is given. */
const CREEP = 1e-6;
const STEP = 0.001;

/**
 * Makes values that grow strictly whatever is told: the number of lines, or from the first report on what is reported. A
 * report that begins anew, or comes after more lines than it says, counts from the value that was given last.
 */
export function createGauge(): { next(lines: number, report: Report | null): Reading } {
  let given = Number.NEGATIVE_INFINITY;
  let base = 0;
  let told: Report | null = null;

  function next(lines: number, report: Report | null): Reading {
    if (!report) {
      given = lines > given ? lines : above(given);
      return { progress: given };
    }
    const isAnew = told ? report.value < told.value : report.value <= given;
    if (isAnew) base = given;
    told = report;
    const ceiling = base + report.total;
    const wanted = base + report.value;
    given = wanted > given ? wanted : towards(ceiling, given);
    return { progress: given, total: Math.max(ceiling, given) };
  }

  return { next };
}

function towards(ceiling: number, value: number): number {
  const next = value + (ceiling - value) * CREEP;
  return next > value && next < ceiling ? next : above(value);
}

/** However large the value is, the sum differs from it. */
function above(value: number): number {
  return value + Math.max(STEP, Math.abs(value) * 2 ** -48);
}
