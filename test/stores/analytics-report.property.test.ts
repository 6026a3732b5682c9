import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Group, type Key, KEYS } from "../../src/stores/analytics/statistics.ts";
import { readReport } from "../../src/stores/analytics/report.ts";
import { folder } from "../rig.ts";
import { type Row, databaseWith } from "./analytics.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 21, 12);

const row: fc.Arbitrary<Row> = fc.record({
  // To the second: a call on the edge of a period belongs to one of the two.
  at: fc.integer({ min: 0, max: (20 * DAY) / 1000 }).map((seconds) => NOW - seconds * 1000),
  command: fc.constantFrom("a", "b", "c", 'it\'s "quoted", with % and \u00E9', ""),
  ms: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 10_000_000 })),
  mode: fc.constantFrom("local", "container", "webhook", ""),
  outcome: fc.constantFrom("completed", "completed", "failed", "timed_out", "refused"),
});

const NAME_OF: Readonly<Record<Key, (row: Row) => string>> = {
  command: ({ command }) => command,
  executor: ({ mode = "" }) => mode,
  day: ({ at }) => {
    const date = new Date(at);
    const part = (value: number): string => String(value).padStart(2, "0");
    return `${date.getFullYear()}-${part(date.getMonth() + 1)}-${part(date.getDate())}`;
  },
};

/** The plain way to the same figures. */
function figures(rows: readonly Row[]): object {
  const times = rows.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const atLeast = (part: number): number => times.find((_, index) => (index + 1) / times.length >= part - 1e-12) ?? 0;
  const fine = rows.filter(({ outcome }) => outcome === "completed").length;
  return {
    success_rate: rows.length === 0 ? 0 : Math.round((fine / rows.length) * 10_000) / 100,
    avg_duration_ms: rows.length === 0 ? 0 : Math.round(times.reduce((sum, ms) => sum + ms, 0) / rows.length),
    p50_ms: atLeast(0.5),
    p95_ms: atLeast(0.95),
    p99_ms: atLeast(0.99),
  };
}

function byName(groups: readonly Group[] | undefined): readonly Group[] {
  return (groups ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

it("reports the figures that counting and sorting by hand gives, of each command, executor, day and outcome", () => {
  const place = folder();
  let runs = 0;
  fc.assert(
    fc.property(fc.array(row, { maxLength: 120 }), fc.integer({ min: 1, max: 12 }), (rows, days) => {
      const path = join(place, `${runs++}.db`);
      const shuffled = rows.toSorted((a, b) => a.at - b.at);
      databaseWith(path, shuffled);
      const within = rows.filter(({ at }) => at > NOW - days * DAY);
      const before = rows.filter(({ at }) => at > NOW - 2 * days * DAY && at <= NOW - days * DAY);
      for (const key of KEYS) {
        const { report, reason } = readReport({ path, days, by: key, now: NOW });
        expect(reason).toBe("");
        expect(report).toMatchObject({ total_commands: within.length, ...figures(within) });
        const groups = [...Map.groupBy(within, NAME_OF[key])].map(([name, members]) =>
          Object.assign({ name, count: members.length }, figures(members)),
        );
        expect(byName(report[`by_${key}`])).toEqual(byName(groups as unknown as readonly Group[]));
        expect(report.errors_last_24h).toBe(
          rows.filter(({ at, outcome }) => at > NOW - DAY && outcome !== "completed").length,
        );
        expect(report.outcomes).toEqual(
          Object.fromEntries(
            [...Map.groupBy(within, ({ outcome }) => String(outcome))].map(([name, members]) => [name, members.length]),
          ),
        );
        expect(report.trend.previous.total_commands).toBe(before.length);
        const { avg_duration_ms, success_rate } = report.trend.previous;
        expect(figures(before)).toMatchObject({ avg_duration_ms, success_rate });
      }
    }),
    { numRuns: 60 },
  );
});
