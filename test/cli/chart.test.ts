import { describe, expect, it } from "vitest";
import { table } from "../../src/cli/chart.ts";
import type { Group } from "../../src/stores/analytics/statistics.ts";

const FIGURES = { success_rate: 100, avg_duration_ms: 1, p50_ms: 1, p95_ms: 1, p99_ms: 1 };

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
