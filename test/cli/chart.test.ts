import { describe, expect, it } from "vitest";
import { type Look, table } from "../../src/cli/chart.ts";
import type { Group } from "../../src/stores/analytics/statistics.ts";

const FIGURES = { success_rate: 100, avg_duration_ms: 1, p50_ms: 1, p95_ms: 1, p99_ms: 1 };

describe("a table on a narrow terminal", () => {
  const look = (columns: number): Look => ({ paint: (_, text) => text, columns });
  const slow = { success_rate: 100, avg_duration_ms: 61_000, p50_ms: 61_000, p95_ms: 61_000, p99_ms: 61_000 };
  const group = { name: "a_command_of_a_rather_long_name_indeed", count: 1000, ...slow };

  it.each([60, 66, 80, 100, 110])("of %s columns has bars, in lines that fit", (columns) => {
    const [, head = "", first = ""] = table("By command", [group, { ...group, name: "b" }], look(columns)).split("\n");
    expect(first).toMatch(/ {2}█{4,20}$/);
    expect(first.length).toBeLessThanOrEqual(columns);
    expect(head).toMatch(/calls +ok +avg/);
  });

  it("keeps its names and its percentiles while there is room", () => {
    const small = { ...group, name: "a_command_of_16_", ...FIGURES };
    expect(table("By command", [small], look(80))).toMatch(/ p99\n {2}a_command_of_16_ .*█\n/);
    expect(table("By command", [group], look(60))).not.toContain("p99");
  });

  it("has no bars below 60 columns, and all its figures", () => {
    const text = table("By command", [group], look(59));
    expect(text).not.toContain("█");
    expect(text).toContain("p99");
  });
});

describe("a table of more groups than anybody reads", () => {
  it("has the first 4,000, and says how many more there are", () => {
    const groups: readonly Group[] = Array.from({ length: 200_000 }, (_, at) => ({
      name: `made-up-${at}`,
      count: 200_000 - at,
      ...FIGURES,
    }));
    const lines = table("By command", groups, { paint: (_, text) => text, columns: null }).split("\n");
    expect(lines).toHaveLength(4000 + 4);
    expect(lines[2]).toContain("made-up-0 ");
    expect(lines.at(-2)).toBe("  and 196000 more, which `--json` tells");
  });
});
