import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { type Row, databaseWith } from "../stores/analytics.ts";
import { BIN, folder, mcpfier } from "../rig.ts";

const CATALOGUE = "commands: []\nanalytics: { enabled: true, database_path: calls.db }\n";
const DAY = 86_400_000;

/** Runs the verb over a database with these calls; null: there is none. */
async function told(
  rows: readonly Row[] | null,
  {
    words = [],
    env = {},
  }: { readonly words?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Awaited<ReturnType<typeof mcpfier>>> {
  const cwd = folder({ "mcpfier.yaml": CATALOGUE });
  if (rows) databaseWith(join(cwd, "calls.db"), rows);
  const ran = await mcpfier(["analytics", ...words], { cwd, env: { TZ: "UTC", ...env } });
  const clean = (text: string): string => text.replaceAll(cwd, "FOLDER");
  return { ...ran, stdout: clean(ran.stdout), stderr: clean(ran.stderr) };
}

/** Noon of a day that lies so many days back: no call of a test falls on the edge of a period or of a day. */
function noon(daysAgo: number): number {
  return Math.floor(Date.now() / DAY) * DAY - daysAgo * DAY + DAY / 2;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

const CALLS: readonly Row[] = [
  { at: noon(2), command: "list_files", ms: 10 },
  { at: noon(2), command: "list_files", ms: 20 },
  { at: noon(2), command: "list_files", ms: 1500, outcome: "failed" },
  { at: noon(3), command: "build_all", mode: "container", ms: 61_000, outcome: "timed_out" },
  { at: noon(3), command: "nope", mode: "", ms: 0, outcome: "refused" },
  { at: noon(9), command: "list_files", ms: 100 },
  { at: noon(9), command: "list_files", ms: 100 },
];

describe("mcpfier analytics", () => {
  it("tells totals, trends, commands, executors and days as plain text in a pipe", async () => {
    const { code, stdout, stderr } = await told(CALLS);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "mcpfier: catalogue FOLDER/mcpfier.yaml (found)\n" });
    expect(stdout).toBe(`5 calls in the last 7 days (against 2 in as many before)

  calls           5  +150.0 %
  success rate    40.0 %  -60.0 points
  average time    12.5 s  +12406.0 %
  p50, p95, p99   20 ms, 1 min 1 s, 1 min 1 s
  errors in 24 h  0
  outcomes        2 completed, 1 failed, 1 refused, 1 timed out

Top commands
              calls      ok        avg        p50        p95        p99
  list_files      3  66.7 %     510 ms      20 ms     1.50 s     1.50 s
  build_all       1   0.0 %  1 min 1 s  1 min 1 s  1 min 1 s  1 min 1 s
  nope            1   0.0 %       0 ms       0 ms       0 ms       0 ms

By executor
             calls      ok        avg        p50        p95        p99
  local          3  66.7 %     510 ms      20 ms     1.50 s     1.50 s
  (none)         1   0.0 %       0 ms       0 ms       0 ms       0 ms
  container      1   0.0 %  1 min 1 s  1 min 1 s  1 min 1 s  1 min 1 s

By day
              calls      ok     avg    p50        p95        p99
  ${dayOf(noon(3))}      2   0.0 %  30.5 s   0 ms  1 min 1 s  1 min 1 s
  ${dayOf(noon(2))}      3  66.7 %  510 ms  20 ms     1.50 s     1.50 s
`);
  });

  it("gives the original's keys and ours as JSON", async () => {
    const { code, stdout } = await told(CALLS, { words: ["--json"] });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      database: "FOLDER/calls.db",
      days: 7,
      total_commands: 5,
      success_rate: 40,
      avg_duration_ms: 12_506,
      p50_ms: 20,
      p95_ms: 61_000,
      p99_ms: 61_000,
      errors_last_24h: 0,
      outcomes: { completed: 2, failed: 1, timed_out: 1, refused: 1 },
      top_commands: [
        {
          name: "list_files",
          count: 3,
          success_rate: 66.67,
          avg_duration_ms: 510,
          p50_ms: 20,
          p95_ms: 1500,
          p99_ms: 1500,
        },
        expect.objectContaining({ name: "build_all", count: 1, success_rate: 0, avg_duration_ms: 61_000 }),
        expect.objectContaining({ name: "nope", count: 1 }),
      ],
      trend: {
        previous: { total_commands: 2, success_rate: 100, avg_duration_ms: 100 },
        total_commands: 150,
        success_rate: -60,
        avg_duration_ms: 12_406,
      },
      by_executor: [
        expect.objectContaining({ name: "local", count: 3 }),
        expect.objectContaining({ name: "", count: 1 }),
        expect.objectContaining({ name: "container", count: 1 }),
      ],
      by_day: [
        expect.objectContaining({ name: dayOf(noon(3)), count: 2, success_rate: 0 }),
        expect.objectContaining({ name: dayOf(noon(2)), count: 3, success_rate: 66.67 }),
      ],
    });
  });

  it.each(["command", "executor", "day"])("groups by %s alone where that is asked for", async (key) => {
    const { stdout } = await told(CALLS, { words: ["--by", key] });
    expect(stdout.match(/^By .*$/gm)).toEqual([`By ${key}`]);
    const { stdout: json } = await told(CALLS, { words: ["--by", key, "--json"] });
    expect(Object.keys(JSON.parse(json) as object).filter((each) => each.startsWith("by_"))).toEqual([`by_${key}`]);
  });

  it("counts days of the reader's own time zone", async () => {
    const late = [{ at: noon(2) + 11 * 3_600_000, command: "a", ms: 1 }];
    const { stdout } = await told(late, { words: ["--json", "--by", "day"], env: { TZ: "Asia/Kathmandu" } });
    expect(JSON.parse(stdout)).toMatchObject({ by_day: [{ name: dayOf(noon(1)) }] });
  });

  it("looks back as many days as it is told, and counts the errors of the last 24 hours", async () => {
    const rows = [...CALLS, { at: Date.now() - 60_000, command: "a", ms: 1, outcome: "failed" }];
    const { stdout } = await told(rows, { words: ["--json", "--days", "30"] });
    expect(JSON.parse(stdout)).toMatchObject({ days: 30, total_commands: 8, errors_last_24h: 1 });
    const { stdout: day } = await told(rows, { words: ["--days", "1"] });
    expect(day).toMatch(/^1 call in the last 24 hours/);
  });

  it.each(["0", "-1", "1.5", "x", "", "3651", "1e2"])("refuses `--days %s`, and says what it takes", async (days) => {
    const { code, stdout, stderr } = await told(CALLS, { words: [`--days=${days}`] });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("expected a whole number from 1 to 3650");
  });

  it("is also an option, as the original spelt it", async () => {
    const cwd = folder({ "mcpfier.yaml": CATALOGUE });
    databaseWith(join(cwd, "calls.db"), CALLS);
    const ran = await mcpfier(["--config", join(cwd, "mcpfier.yaml"), "--analytics", "--json"], { cwd });
    expect(JSON.parse(ran.stdout)).toMatchObject({ total_commands: 5 });
  });

  it("says kindly that there is nothing yet, and that nothing will come while it is not enabled", async () => {
    expect(await told(null)).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringContaining("FOLDER/calls.db: no call has been recorded yet"),
    });
    const empty = JSON.parse((await told([], { words: ["--json"] })).stdout) as object;
    expect(Object.keys(empty)).toContain("by_day");
    expect(JSON.parse((await told(null, { words: ["--json"] })).stdout)).toEqual(empty);
    expect(await told([])).toMatchObject({ code: 0, stdout: "No calls in the last 7 days.\n" });
    const cwd = folder({ "mcpfier.yaml": "commands: []\n" });
    const { code, stderr } = await mcpfier(["analytics"], { cwd, env: { XDG_DATA_HOME: cwd } });
    expect(code).toBe(0);
    expect(stderr).toContain("calls are not being recorded: set `analytics: { enabled: true }` in the catalogue");
    expect(stderr).toContain(`${cwd}/mcpfier/analytics.db: no call has been recorded yet`);
  });

  it("says that a file is no database, and leaves it alone", async () => {
    const cwd = folder({
      "mcpfier.yaml": CATALOGUE,
      "calls.db": "this is no database, but a long enough text\n".repeat(99),
    });
    const { code, stdout, stderr } = await mcpfier(["analytics"], { cwd });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("calls.db: it is no SQLite database");
    writeFileSync(join(cwd, "calls.db"), "");
    expect(await mcpfier(["analytics"], { cwd })).toMatchObject({ code: 0, stdout: "" });
  });

  it("says as the writer does that a folder stands in its place", async () => {
    const cwd = folder({ "mcpfier.yaml": CATALOGUE, "calls.db/in": "the way" });
    const { code, stdout, stderr } = await mcpfier(["analytics"], { cwd });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("calls.db: something that is no file stands in its place");
  });

  it("draws bars on a terminal that is wide enough, in colour unless NO_COLOR is set", async () => {
    const cwd = folder({ "mcpfier.yaml": CATALOGUE });
    databaseWith(join(cwd, "calls.db"), CALLS);
    const terminal = async (columns: number, set: string): Promise<string> => {
      const { stdout } = await inTerminal(columns, { cwd, set });
      return stdout;
    };
    expect(await terminal(110, "NO_COLOR=1")).toMatch(/list_files .*  █{20}\r?\n  build_all .*  ██████▋\r?\n/);
    expect(await terminal(110, "NO_COLOR=1")).not.toContain("\u001B[");
    expect(await terminal(110, "TERM=xterm-256color")).toContain("\u001B[32m██████▋\u001B[39m");
    expect(await terminal(0, "NO_COLOR=1")).toMatch(/list_files .*  █+\r?\n/);
    expect(await terminal(40, "NO_COLOR=1")).not.toContain("█");
  });
});

/** Runs the verb in a pseudo-terminal. */
function inTerminal(
  columns: number,
  { cwd, set }: { readonly cwd: string; readonly set: string },
): Promise<{ readonly stdout: string }> {
  const line = `stty cols ${columns}; exec env -u NO_COLOR -u FORCE_COLOR -u CI ${set} '${process.execPath}' '${BIN}' analytics 2>/dev/null`;
  return promisify(execFile)("script", ["-qec", line, "/dev/null"], { cwd });
}
