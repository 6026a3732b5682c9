// What stands at `database_path` may be somebody else's.
import { execFileSync } from "node:child_process";
import { lstatSync, readFileSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { readReport } from "../../src/stores/analytics/report.ts";
import { EVENTS } from "../../src/stores/analytics/schema.ts";
import { type Written, createStore } from "../../src/stores/analytics/store.ts";
import { atEnd, folder } from "../rig.ts";
import { databaseWith, eventOf, originalDatabase, query } from "./analytics.ts";

const CALL = { at: Date.now() - 1000, command: "a", ms: 1 };

/** Writes one call. */
function written(path: string): Written {
  const store = createStore(path);
  const result = store.write({ events: [eventOf(CALL)], before: null });
  store.close();
  return result;
}

function run(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

describe("a file that is not known to hold calls is left as it is, and that is said of", () => {
  const FOREIGN = "CREATE TABLE photos (id INTEGER PRIMARY KEY, taken TEXT); INSERT INTO photos (taken) VALUES ('May')";
  it.each([
    ["a text", (path: string) => writeFileSync(path, "no database at all\n".repeat(500)), /it is no SQLite database/],
    ["another program's database", (path: string) => run(path, FOREIGN), /the database of another program/],
    [
      "another program's database of version 1",
      (path: string) => run(path, `${FOREIGN}; PRAGMA user_version = 1`),
      /the database of another program/,
    ],
    [
      "another program's table of the same name",
      (path: string) => run(path, "CREATE TABLE events (id INTEGER PRIMARY KEY, title TEXT)"),
      /the database of another program/,
    ],
    [
      "another program's database that is damaged",
      (path: string) => {
        run(path, `${FOREIGN}; CREATE TABLE more (a)`);
        truncateSync(path, 5000);
      },
      /it is damaged.* not known to hold calls/,
    ],
  ])("%s", (_, make, reason) => {
    const place = folder();
    const path = join(place, "notes");
    make(path);
    const before = readFileSync(path);
    const { fault, notices } = written(path);
    expect(fault).toMatchObject({ kind: "other", text: expect.stringMatching(reason) as string });
    expect(fault?.text).toContain("set another `database_path`");
    expect(notices).toEqual([]);
    expect(readdirSync(place)).toEqual(["notes"]);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe("a database that holds calls", () => {
  it("of the original, is moved aside when it is damaged", () => {
    const place = folder();
    const path = join(place, "calls.db");
    originalDatabase(path);
    truncateSync(path, 5000);
    expect(written(path)).toMatchObject({ fault: null, notices: [expect.stringContaining("it was moved to")] });
    expect(query(path, "SELECT command_name FROM events")).toEqual([{ command_name: "a" }]);
    expect(readdirSync(place)).toHaveLength(2);
  });

  it("is moved aside where it is, and begun anew there, when a link leads to it", () => {
    const place = folder({ "far/none": "" });
    const [link, path] = [join(place, "calls.db"), join(place, "far/real.db")];
    databaseWith(
      path,
      Array.from({ length: 500 }, () => CALL),
    );
    symlinkSync("far/real.db", link);
    truncateSync(path, 5000);
    expect(written(link)).toMatchObject({ fault: null, notices: [expect.stringContaining("it was moved to")] });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(query(path, "SELECT command_name FROM events")).toEqual([{ command_name: "a" }]);
    expect(readdirSync(join(place, "far")).filter((name) => name.startsWith("real.db.corrupt-"))).toHaveLength(1);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each(EVENTS.first.map(([name]) => name).filter((name) => !EVENTS.marks.includes(name)))(
    "is told of, and completed, when it has no %s",
    (column) => {
      const path = join(folder(), "calls.db");
      originalDatabase(path);
      run(path, `ALTER TABLE events DROP COLUMN ${column}; PRAGMA user_version = 1`);
      const asked = { path, days: 7, by: null, now: Date.now() + 1000 };
      expect(readReport(asked)).toMatchObject({ report: { total_commands: 3 } });
      expect(written(path)).toEqual({ fault: null, notices: [], hasOld: false });
      expect(readReport(asked)).toMatchObject({ report: { total_commands: 4 } });
    },
  );
});

it("a lock of this process on the database holds while it is opened once more", () => {
  const path = join(folder(), "calls.db");
  originalDatabase(path);
  const holder = new DatabaseSync(path);
  atEnd(() => holder.close());
  holder.exec("BEGIN IMMEDIATE");
  expect(written(path)).toMatchObject({ fault: { kind: "busy" } });
  const other = `new (require("node:sqlite").DatabaseSync)(${JSON.stringify(path)}).exec("BEGIN IMMEDIATE")`;
  expect(() => execFileSync(process.execPath, ["-e", other], { stdio: "pipe" })).toThrow("database is locked");
});
