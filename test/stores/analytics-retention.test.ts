// What `retention_days` removes cannot be got back.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, vi } from "vitest";
import { timestampOf } from "../../src/stores/analytics/event.ts";
import { type Written, createStore } from "../../src/stores/analytics/store.ts";
import { atEnd, folder, mcpfier } from "../rig.ts";
import { databaseWith, eventOf, originalDatabase, query } from "./analytics.ts";

const DAY = 86_400_000;

/** One more call, and a look for those of more than 30 days ago. */
function written(path: string): Written {
  const store = createStore(path);
  const events = [eventOf({ at: Date.now(), command: "new", ms: 1 })];
  const result = store.write({ events, before: timestampOf(Date.now() - 30 * DAY) });
  store.close();
  return result;
}

function count(path: string): unknown {
  return query(path, "SELECT COUNT(*) AS count FROM events")[0]?.["count"];
}

/** Three calls of the original and so many of an age. */
function originalWith(path: string, rows: number, age: string): void {
  originalDatabase(path);
  const database = new DatabaseSync(path);
  database.exec(`
    UPDATE events SET timestamp = datetime('now', '-2 days');
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      INSERT INTO events (timestamp, command_name, duration_ms, success) SELECT datetime('now', '${age}'), 'old', 1, 1 FROM n;
  `);
  database.close();
}

describe("a database of the original, which never removed a call", () => {
  it("is copied once before the first call is removed, which is said", async () => {
    const cwd = folder({
      "mcpfier.yaml":
        "commands: [{ name: hello, description: d, run: [echo, hello] }]\nanalytics: { enabled: true, database_path: calls.db, retention_days: 30 }\n",
    });
    const path = join(cwd, "calls.db");
    originalWith(path, 50, "-200 days");
    const { code, stderr } = await mcpfier(["hello"], { cwd });
    expect(code).toBe(0);
    const [copy = "", ...more] = readdirSync(cwd).filter((name) => /^calls\.db\.original-\d{8}T\d{9}Z$/.test(name));
    expect(more).toEqual([]);
    expect(stderr).toContain(`50 calls and requests are older than \`retention_days\``);
    expect(stderr).toContain(join(cwd, copy));
    expect(count(path)).toBe(4);
    expect(count(join(cwd, copy))).toBe(53);
    expect(query(join(cwd, copy), "PRAGMA user_version")).toEqual([{ user_version: 0 }]);
    expect(statSync(join(cwd, copy)).mode & 0o777).toBe(0o600);
    expect((await mcpfier(["hello"], { cwd })).stderr).not.toContain("older");
    expect(readdirSync(cwd).filter((name) => name.includes(".original-"))).toHaveLength(1);
  });

  it("is not copied when nothing of it is too old", () => {
    const place = folder();
    originalWith(join(place, "calls.db"), 50, "-20 days");
    expect(written(join(place, "calls.db"))).toEqual({ fault: null, notices: [], hasOld: false });
    expect(readdirSync(place)).toEqual(["calls.db"]);
    expect(count(join(place, "calls.db"))).toBe(54);
  });
});

describe("a clock that is a year ahead", () => {
  it("removes nothing until there are calls of an hour ago", () => {
    const path = join(folder(), "calls.db");
    databaseWith(
      path,
      Array.from({ length: 100 }, (_, at) => ({ at: Date.now() - at * DAY, command: "old", ms: 1 })),
    );
    const now = Date.now();
    atEnd(() => vi.useRealTimers());
    for (const minutes of [0, 10, 59]) {
      vi.setSystemTime(now + 365 * DAY + minutes * 60_000);
      written(path);
    }
    expect(count(path)).toBe(103);
    vi.setSystemTime(now + 365 * DAY + 61 * 60_000);
    written(path);
    expect(count(path)).toBe(4);
  });
});
