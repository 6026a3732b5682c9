// Damage that those who write calls never meet.
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync, readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readReport } from "../../src/stores/analytics/report.ts";
import { createStore } from "../../src/stores/analytics/store.ts";
import { folder, mcpfier } from "../rig.ts";
import { databaseWith, eventOf, query } from "./analytics.ts";

const PAGE = 4096;
const CALLS = 6000;
const NOW = Date.now();

/** A database of which some pages in the middle are overwritten. */
function damaged(place: string, name = "calls.db"): string {
  const path = join(place, name);
  databaseWith(
    path,
    Array.from({ length: CALLS }, (_, at) => ({ at: NOW - 3_600_000 + at, command: "a", ms: 1 })),
  );
  const file = openSync(path, "r+");
  writeSync(file, randomBytes(100 * PAGE), 0, 100 * PAGE, 20 * PAGE);
  closeSync(file);
  return path;
}

describe("a database that is damaged where only readers come", () => {
  it("is mended by --analytics, which says so, keeps the file and counts what can be read", async () => {
    const cwd = folder({
      "mcpfier.yaml":
        "commands: [{ name: hi, description: d, run: [echo, hi] }]\nanalytics: { enabled: true, database_path: calls.db }\n",
    });
    const path = damaged(cwd);
    expect(await mcpfier(["hi"], { cwd })).toMatchObject({ code: 0, stdout: "hi\n" });
    const before = readFileSync(path);
    const { code, stdout, stderr } = await mcpfier(["analytics", "--json"], { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(/calls\.db: it was damaged, so it was moved to .*; what could be read of it, \d+ calls/);
    const { total_commands } = JSON.parse(stdout) as { readonly total_commands: number };
    expect(total_commands).toBeGreaterThan(CALLS / 3);
    expect(total_commands).toBeLessThan(CALLS);
    const [first, last] = ["ASC", "DESC"].map((order) =>
      query(path, `SELECT id, command_name FROM events ORDER BY id ${order} LIMIT 1`),
    );
    expect([first, last]).toEqual([[{ id: 1, command_name: "a" }], [{ id: CALLS + 1, command_name: "hi" }]]);
    const names = readdirSync(cwd)
      .filter((name) => !/-(?:wal|shm)$/.test(name))
      .toSorted();
    expect(names).toEqual(["calls.db", expect.stringMatching(/^calls\.db\.corrupt-\d+T\d+Z$/), "mcpfier.yaml"]);
    expect(readFileSync(join(cwd, names[1] ?? "")).equals(before)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await mcpfier(["analytics"], { cwd })).stderr).not.toContain("damaged");
  });

  it("is replaced under a writer, who goes on in the new one", () => {
    const path = damaged(folder());
    const store = createStore(path);
    const write = (): unknown => store.write({ events: [eventOf({ at: NOW, command: "b", ms: 1 })], before: null });
    expect(write()).toMatchObject({ fault: null, notices: [] });
    expect(readReport({ path, days: 7, by: null, now: NOW + 1000 })).toMatchObject({ isFault: false });
    expect(write()).toMatchObject({ fault: null, notices: [expect.stringContaining("removed or replaced")] });
    store.close();
    expect(
      query(path, "SELECT command_name FROM events ORDER BY id DESC LIMIT 3").map((row) => row["command_name"]),
    ).toEqual(["b", "b", "a"]);
  });

  it("is left as it is where a newer mcpfier wrote it", () => {
    const place = folder();
    const path = damaged(place);
    query(path, "PRAGMA user_version = 99");
    const { reason, isFault } = readReport({ path, days: 7, by: null, now: NOW });
    expect(isFault).toBe(true);
    expect(reason).toMatch(/it is damaged .* cannot be mended .*newer mcpfier/);
    expect(query(path, "PRAGMA user_version")).toEqual([{ user_version: 99 }]);
  });

  it("is left as it is where nothing can be made beside it, and that says what to do", () => {
    const place = folder();
    const name = "c".repeat(240);
    const path = damaged(place, name);
    const { reason, isFault } = readReport({ path, days: 7, by: null, now: NOW });
    expect(isFault).toBe(true);
    expect(reason).toMatch(/it is damaged .* cannot be mended .*: move it away, and a new one is begun/);
    expect(readdirSync(place).filter((each) => !/-(?:wal|shm)$/.test(each))).toEqual([name]);
  });
});
