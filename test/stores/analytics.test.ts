import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CallEvent, timestampOf } from "../../src/stores/analytics/event.ts";
import { createJournal } from "../../src/stores/analytics/journal.ts";
import { createQueue } from "../../src/stores/analytics/queue.ts";
import { readReport } from "../../src/stores/analytics/report.ts";
import { type Written, createStore } from "../../src/stores/analytics/store.ts";
import { type Raw, raw } from "../mcp/raw.ts";
import { atEnd, folder, mcpfier, poll } from "../rig.ts";
import { databaseWith, eventOf, originalDatabase, query } from "./analytics.ts";

const DAY = 86_400_000;
const COMMANDS = `
commands:
  - { name: hello, description: d, run: [echo, hello] }
  - { name: fails, description: d, run: [sh, -c, "echo some-output; exit 3"], ok_exit_codes: { 0: fine } }
  - { name: dies, description: d, run: [sh, -c, "kill -SEGV $$"] }
  - { name: slow, description: d, run: [sleep, "60"], timeout: 100ms }
  - { name: long, description: d, run: [sh, -c, "echo begun; sleep 1"], handoff: 100ms }
  - { name: typed, description: d, run: [echo, "\${{ word }}"], params: { word: { type: string, enum: [a, b], secret: true } } }
  - { name: needy, description: d, run: [echo, done], needs: [fails] }
  - { name: json, description: d, run: [echo, "{}"], output: { format: json, schema: { type: array } } }
`;

function catalogueWith(path: string, more = ""): string {
  return `${COMMANDS}\nanalytics: { enabled: true, database_path: ${JSON.stringify(path)}${more} }\n`;
}

/** How often a text stands in the log. */
function count(text: string, log: string): number {
  return log.split(text).length - 1;
}

function eventsIn(path: string): readonly Readonly<Record<string, unknown>>[] {
  const tables = existsSync(path) ? query(path, "SELECT 1 FROM sqlite_master WHERE name = 'events'") : [];
  return tables.length === 0 ? [] : query(path, "SELECT * FROM events ORDER BY id");
}

/** Calls one command so often, one after the other. */
async function callOften(server: Raw, from: number, times: number, tool = "hello"): Promise<void> {
  for (let id = from; id < from + times; id++) {
    server.call(id, tool, {});
    await server.answer(id);
  }
}

describe("calls through every door", () => {
  it("are recorded with how they ended, and with no argument, output or secret", async () => {
    const path = join(folder(), "deep/down/calls.db");
    const server = await raw(catalogueWith(path));
    server.call(1, "hello", {});
    await server.answer(1);
    server.call(2, "fails", {});
    await server.answer(2);
    server.call(3, "dies", {});
    await server.answer(3);
    server.call(4, "slow", {});
    await server.answer(4);
    server.call(5, "typed", { word: "not-to-be-found-anywhere" });
    await server.answer(5);
    server.call(6, "no_such_tool", {});
    await server.answer(6);
    server.call(7, "needy", {});
    await server.answer(7);
    server.call(8, "json", {});
    const parsed = await server.answer(8);
    server.call(9, "hello", {}, { "mcpfier/dryRun": true });
    await server.answer(9);
    expect(await server.end()).toBe(0);
    const told = { caller: "local", executor: "local", execution_mode: "local", attempt: 1, cached: 0 };
    const none = { executor: null, attempt: null, exit_code: null, output_size: 0 };
    expect(eventsIn(path)).toMatchObject([
      {
        ...told,
        command_name: "hello",
        outcome: "completed",
        success: 1,
        exit_code: 0,
        output_size: 6,
        error_message: "",
      },
      { ...told, command_name: "fails", outcome: "failed", success: 0, exit_code: 3, error_message: "exit code 3" },
      { ...told, command_name: "dies", outcome: "failed", signal: "SIGSEGV", error_message: "ended by SIGSEGV" },
      { ...told, command_name: "slow", outcome: "timed_out", success: 0, error_message: "timed out" },
      { ...none, command_name: "typed", outcome: "refused", reason: "arguments.invalid", execution_mode: "local" },
      { ...none, command_name: "", outcome: "refused", reason: "tool.unknown", execution_mode: "" },
      { ...told, command_name: "needy", outcome: "failed", error_message: '"fails", which it needs: exit code 3' },
      { ...told, command_name: "json", outcome: "completed", success: 0, exit_code: 0 },
    ]);
    const [first, ...others] = eventsIn(path);
    expect(first?.["timestamp"]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
    for (const { session_id, call_id } of others) {
      expect(session_id).toBe(first?.["session_id"]);
      expect(call_id).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect(others.at(-1)?.["call_id"]).toBe(parsed.result?._meta?.["mcpfier/call"]?.["id"]);
    const bytes = readFileSync(path).toString("latin1");
    for (const text of ["not-to-be-found-anywhere", "some-output", "no_such_tool"]) expect(bytes).not.toContain(text);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
  });

  it("are recorded at their end when they go on as jobs", async () => {
    const path = join(folder(), "calls.db");
    const server = await raw(catalogueWith(path));
    server.call(1, "long", {});
    const answer = await server.answer(1);
    const id = answer.result?._meta?.["mcpfier/call"]?.["id"];
    server.call(2, "mcpfier_job_wait", { job: id });
    await server.answer(2);
    await server.end();
    expect(eventsIn(path)).toMatchObject([{ command_name: "long", outcome: "completed", call_id: id }]);
    expect(Number(eventsIn(path)[0]?.["duration_ms"])).toBeGreaterThan(900);
  });

  it("are recorded by `mcpfier run`, which says nothing of it", async () => {
    const cwd = folder({ "mcpfier.yaml": catalogueWith("calls.db") });
    expect(await mcpfier(["run", "hello"], { cwd })).toMatchObject({
      code: 0,
      stdout: "hello\n",
      stderr: `mcpfier: catalogue ${cwd}/mcpfier.yaml (found)\n`,
    });
    expect(await mcpfier(["fails"], { cwd })).toMatchObject({ code: 3 });
    expect(eventsIn(join(cwd, "calls.db"))).toMatchObject([{ command_name: "hello" }, { command_name: "fails" }]);
  });

  it("are not recorded while that is not enabled, until the catalogue says so", async () => {
    const path = join(folder(), "calls.db");
    const off = catalogueWith(path).replace("enabled: true", "enabled: false");
    const server = await raw(off);
    await callOften(server, 1, 1);
    writeFileSync(join(server.folder, "mcpfier.yaml"), catalogueWith(path));
    await poll(() => server.stderr().includes("the catalogue changed"), server.stderr);
    await callOften(server, 2, 1, "fails");
    await server.end();
    expect(eventsIn(path)).toMatchObject([{ command_name: "fails" }]);
    const cwd = folder({ "mcpfier.yaml": off });
    await mcpfier(["hello"], { cwd });
    expect(eventsIn(path)).toHaveLength(1);
  });

  it("lose at most what was not written yet to a `kill -9`", async () => {
    const path = join(folder(), "calls.db");
    const server = await raw(catalogueWith(path));
    await callOften(server, 1, 5);
    await poll(
      () => eventsIn(path).length === 5,
      () => JSON.stringify(eventsIn(path)),
    );
    for (let id = 6; id < 60; id++) server.call(id, "hello", {});
    await server.answer(30);
    server.child.kill("SIGKILL");
    await server.exited();
    expect(query(path, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
    expect(eventsIn(path).length).toBeGreaterThanOrEqual(5);
    const again = await raw(catalogueWith(path));
    await callOften(again, 1, 1, "fails");
    await again.end();
    expect(eventsIn(path).at(-1)).toMatchObject({ command_name: "fails" });
  });

  it("of two servers go into one database", async () => {
    const path = join(folder(), "calls.db");
    const servers = await Promise.all([raw(catalogueWith(path)), raw(catalogueWith(path))]);
    await Promise.all(servers.map((server) => callOften(server, 1, 120)));
    for (const server of servers) {
      await server.end();
      expect(server.stderr()).not.toContain("analytics");
    }
    expect(query(path, "SELECT COUNT(*) AS calls, COUNT(DISTINCT session_id) AS servers FROM events")).toEqual([
      { calls: 240, servers: 2 },
    ]);
  });
});

describe("a database of the original MCPFier", () => {
  it("is read as it is, and upgraded in place by the first call, with nothing lost", async () => {
    const cwd = folder({ "mcpfier.yaml": catalogueWith("calls.db", ", retention_days: 30") });
    const path = join(cwd, "calls.db");
    originalDatabase(path);
    const before = { events: eventsIn(path), http: query(path, "SELECT * FROM http_events") };
    const told = await mcpfier(["--analytics", "--json"], { cwd });
    expect(JSON.parse(told.stdout)).toMatchObject({
      total_commands: 3,
      success_rate: 66.67,
      errors_last_24h: 1,
      avg_duration_ms: 355,
      outcomes: { completed: 2, failed: 1 },
      by_executor: [{ name: "container" }, { name: "local" }, { name: "webhook" }],
    });
    expect(query(path, "PRAGMA user_version")).toEqual([{ user_version: 0 }]);
    await mcpfier(["hello"], { cwd });
    expect(query(path, "PRAGMA user_version")).toEqual([{ user_version: 1 }]);
    const [first, second, third, ours] = eventsIn(path);
    expect([first, second, third]).toMatchObject(before.events);
    expect(ours).toMatchObject({ id: 4, command_name: "hello", outcome: "completed" });
    expect(query(path, "SELECT * FROM http_events")).toMatchObject(before.http);
    expect(JSON.parse((await mcpfier(["analytics", "--json"], { cwd })).stdout)).toMatchObject({
      total_commands: 4,
      outcomes: { completed: 3, failed: 1 },
    });
  });

  it("is upgraded once by servers that come at the same time", async () => {
    const cwd = folder({ "mcpfier.yaml": catalogueWith("calls.db") });
    originalDatabase(join(cwd, "calls.db"));
    const ran = await Promise.all(Array.from({ length: 4 }, () => mcpfier(["hello"], { cwd })));
    for (const { code, stderr } of ran) {
      expect(code).toBe(0);
      expect(stderr).not.toContain("analytics");
    }
    expect(eventsIn(join(cwd, "calls.db"))).toHaveLength(7);
  });

  it("that a newer mcpfier has written is left alone, which is said", async () => {
    const cwd = folder({ "mcpfier.yaml": catalogueWith("calls.db") });
    const path = join(cwd, "calls.db");
    originalDatabase(path);
    query(path, "PRAGMA user_version = 7");
    const { code, stdout, stderr } = await mcpfier(["hello"], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "hello\n" });
    expect(stderr).toContain("it is of version 7, written by a newer mcpfier, and this one knows version 1");
    expect(eventsIn(path)).toHaveLength(3);
  });
});

describe("a database that fails", () => {
  /** Holds the lock for writing until it is told to let go. */
  function lock(path: string): () => void {
    const database = new DatabaseSync(path);
    let isOpen = true;
    database.exec("BEGIN IMMEDIATE");
    const release = (): void => {
      if (isOpen) database.close();
      isOpen = false;
    };
    atEnd(release);
    return release;
  }

  it("by a lock of another process stops no call; it is said once, and once that it works again, and nothing is lost", async () => {
    const path = join(folder(), "calls.db");
    databaseWith(path, []);
    const release = lock(path);
    const server = await raw(catalogueWith(path));
    await callOften(server, 1, 20);
    await poll(() => server.stderr().includes("cannot be recorded"), server.stderr);
    await callOften(server, 21, 20);
    release();
    await poll(() => server.stderr().includes("recorded in the analytics database again"), server.stderr);
    await server.end();
    expect(count("cannot be recorded", server.stderr())).toBe(1);
    expect(server.stderr()).toContain("another process holds a lock on it (SQLite 5)");
    expect(count("recorded in the analytics database again", server.stderr())).toBe(1);
    expect(eventsIn(path)).toHaveLength(40);
  });

  it("until the end: the server still ends in time, and says how many calls were not recorded", async () => {
    const path = join(folder(), "calls.db");
    databaseWith(path, []);
    lock(path);
    const server = await raw(catalogueWith(path));
    await callOften(server, 1, 3);
    expect(await server.end()).toBe(0);
    expect(server.stderr()).toMatch(/"calls":3,.*calls were not recorded in the analytics database/);
    const cwd = folder({ "mcpfier.yaml": catalogueWith(path) });
    const { code, stdout, stderr } = await mcpfier(["hello"], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "hello\n" });
    expect(stderr).toMatch(/"calls":1,.*calls were not recorded/);
  });

  it.each([
    ["has lost its end", (path: string) => truncateSync(path, 5000)],
    ["has a page of rubbish", (path: string) => writeFileSync(path, rubbish(path))],
  ])("because it %s is moved aside and begun anew", async (_, damage) => {
    const place = folder();
    const path = join(place, "calls.db");
    const many = Array.from({ length: 500 }, () => ({ at: Date.now() - DAY, command: "old", ms: 1 }));
    databaseWith(path, many);
    damage(path);
    const damaged = readFileSync(path);
    const server = await raw(catalogueWith(path));
    await callOften(server, 1, 3);
    await server.end();
    expect(eventsIn(path)).toHaveLength(3);
    expect(count("it was damaged, so it was moved to", server.stderr())).toBe(1);
    const aside = readdirSync(place).filter((name) => /^calls\.db\.corrupt-\d{8}T\d{9}Z$/.test(name));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(place, String(aside[0]))).subarray(4096)).toEqual(damaged.subarray(4096));
  });

  it("because it was removed under a server is begun anew, which is said", async () => {
    const path = join(folder(), "in/here/calls.db");
    const server = await raw(catalogueWith(path));
    await callOften(server, 1, 1);
    await poll(() => eventsIn(path).length === 1, server.stderr);
    rmSync(join(path, ".."), { recursive: true });
    await callOften(server, 2, 2);
    await server.end();
    expect(eventsIn(path)).toHaveLength(2);
    expect(count("it was removed or replaced", server.stderr())).toBe(1);
  });

  it("because something else stands in its place, or in that of its folder, stops no call", async () => {
    const place = folder({ file: "" });
    const pipe = join(place, "pipe");
    execFileSync("mkfifo", [pipe]);
    for (const path of [place, join(place, "file/calls.db"), "/proc/mcpfier/calls.db", pipe]) {
      const server = await raw(catalogueWith(path));
      await callOften(server, 1, 3);
      expect(await server.end()).toBe(0);
      expect(count("cannot be recorded", server.stderr())).toBe(1);
      expect(server.stderr()).toMatch(/"calls":3,.*calls were not recorded/);
    }
  });

  it("because its disk is full works again when there is room, and what was kept in memory is written", async ({
    skip,
  }) => {
    const place = mounted("size=512k");
    skip(place === undefined, "needs to mount a file system");
    if (place === undefined) return;
    const path = join(place, "calls.db");
    const server = await raw(catalogueWith(path));
    await callOften(server, 1, 1);
    await poll(() => eventsIn(path).length === 1, server.stderr);
    const filler = join(place, "filler");
    execFileSync("sh", ["-c", `head -c 1M /dev/zero > '${filler}' || true`], { stdio: "ignore" });
    await callOften(server, 2, 150);
    await poll(() => server.stderr().includes("cannot be recorded"), server.stderr);
    expect(server.stderr()).toMatch(/the disk is full|the disk failed, or is full/);
    rmSync(filler);
    await poll(() => server.stderr().includes("recorded in the analytics database again"), server.stderr);
    await server.end();
    expect(eventsIn(path)).toHaveLength(151);
    expect(query(path, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  });

  it("because it may only be read stops no call, and can still be told of", async ({ skip }) => {
    const place = mounted("size=1m");
    skip(place === undefined, "needs to mount a file system");
    if (place === undefined) return;
    const path = join(place, "calls.db");
    databaseWith(path, [{ at: Date.now() - 1000, command: "old", ms: 7 }]);
    execFileSync("mount", ["-o", "remount,ro", place]);
    const server = await raw(catalogueWith(path));
    await callOften(server, 1, 3);
    await server.end();
    expect(count("cannot be recorded", server.stderr())).toBe(1);
    const cwd = folder({ "mcpfier.yaml": catalogueWith(path) });
    const { stdout, stderr } = await mcpfier(["analytics", "--json"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ total_commands: 1, avg_duration_ms: 7 });
    expect(stderr).not.toContain("calls.db-wal");
    execFileSync("mount", ["-o", "remount,rw", place]);
    writeFileSync(`${path}-wal`, "what a server that died has left");
    execFileSync("mount", ["-o", "remount,ro", place]);
    const left = await mcpfier(["analytics", "--json"], { cwd });
    expect(JSON.parse(left.stdout)).toMatchObject({ total_commands: 1 });
    expect(left).toMatchObject({ code: 0, stderr: expect.stringContaining("calls.db-wal are not counted") });
  });

  /** A file system of its own; undefined where we may not mount one. */
  function mounted(options: string): string | undefined {
    const place = folder();
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", options, "mcpfier-test", place], { stdio: "ignore" });
    } catch {
      return undefined;
    }
    atEnd(() => execFileSync("umount", [place]));
    return place;
  }
});

function rubbish(path: string): Buffer {
  const bytes = readFileSync(path);
  return bytes.fill("rubbish", 4096);
}

describe("old calls", () => {
  it("are removed in small steps, of both tables, and only when days are set", () => {
    const path = join(folder(), "calls.db");
    const ages = Array.from({ length: 1000 }, (_, index) => ({
      at: Date.now() - (index % 60) * DAY,
      command: "a",
      ms: 1,
    }));
    databaseWith(path, ages);
    query(path, "INSERT INTO http_events (timestamp, path) VALUES ('2020-01-01 00:00:00', '/')");
    const store = createStore(path);
    atEnd(store.close);
    expect(store.write({ events: [], before: null })).toEqual({ fault: null, notices: [], hasOld: false });
    expect(eventsIn(path)).toHaveLength(1000);
    const before = timestampOf(Date.now() - 29.5 * DAY);
    const left: number[] = [];
    for (let hasOld = true; hasOld;) {
      hasOld = store.write({ events: [], before }).hasOld;
      left.push(eventsIn(path).length);
    }
    const kept = ages.filter(({ at }) => timestampOf(at) >= before).length;
    expect(left).toEqual([800, 600, kept]);
    expect(query(path, "SELECT * FROM http_events")).toEqual([]);
  });

  it("are removed by a server in the background", async () => {
    const path = join(folder(), "calls.db");
    const ages = Array.from({ length: 700 }, () => ({ at: Date.now() - 40 * DAY, command: "old", ms: 1 }));
    databaseWith(path, [...ages, { at: Date.now() - 20 * DAY, command: "young", ms: 1 }]);
    const server = await raw(catalogueWith(path, ", retention_days: 30"));
    await callOften(server, 1, 1);
    await poll(
      () =>
        eventsIn(path)
          .map((each) => each["command_name"])
          .join() === "young,hello",
      () => `${eventsIn(path).length} are left`,
    );
    await server.end();
  });
});

it("a report of a database that is being written is whole", () => {
  const path = join(folder(), "calls.db");
  const store = createStore(path);
  atEnd(store.close);
  const now = Date.now();
  store.write({ events: [eventOf({ at: now - 10, command: "a", ms: 1 })], before: null });
  expect(readReport({ path, days: 7, by: null, now })).toMatchObject({ reason: "", report: { total_commands: 1 } });
});

describe("calls that cannot be written yet", () => {
  const eventNamed = (name: string): CallEvent => eventOf({ at: 0, command: name, ms: 1 });

  it("are kept in their order, and of too many the oldest give way and are counted", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant("add" as const), fc.constantFrom("written" as const, "failed" as const))),
        fc.integer({ min: 1, max: 6 }),
        (steps, most) => {
          const queue = createQueue(most);
          const written: number[] = [];
          let added = 0;
          let lost = 0;
          for (const step of steps) {
            if (step === "add") queue.add(eventNamed(String(added++)));
            else {
              const taken = queue.take(2);
              if (step === "failed") queue.failed();
              else {
                written.push(...taken.map((event) => Number("command_name" in event && event.command_name)));
                lost += queue.written();
              }
            }
            expect(queue.waiting()).toBeLessThanOrEqual(most);
            expect(written.length + lost + queue.unwritten()).toBe(added);
          }
          expect(written).toEqual(written.toSorted((a, b) => a - b));
        },
      ),
    );
  });

  it("do not hold the end of a server whose disk hangs, and leave the last part of it to the writer", async () => {
    const never = new Promise<Written>(() => undefined);
    const given: number[] = [];
    const close = async (withinMs: number): Promise<void> => void given.push(withinMs);
    const journal = createJournal({ path: "hangs", writer: { write: () => never, close }, retentionDays: () => 0 });
    journal.record(eventNamed("a"));
    await journal.close();
    expect(given).toHaveLength(1);
    expect(given[0]).toBeLessThanOrEqual(500);
  });

  it("give the writer all of the end when nothing is left to write", async () => {
    const given: number[] = [];
    const close = async (withinMs: number): Promise<void> => void given.push(withinMs);
    const write = async (): Promise<Written> => ({ fault: null, notices: [], hasOld: false });
    await createJournal({ path: "idle", writer: { write, close }, retentionDays: () => 0 }).close();
    expect(given[0]).toBeLessThanOrEqual(1500);
    expect(given[0]).toBeGreaterThan(0);
  });
});
