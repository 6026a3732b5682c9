import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ownerId } from "../../src/base/owner.ts";
import { type Records, createRecords } from "../../src/stores/records.ts";
import type { Bounds } from "../../src/stores/sweep.ts";
import type { Pace } from "../../src/stores/sweeper.ts";
import { raw } from "../mcp/raw.ts";
import { atEnd, folder, poll } from "../rig.ts";

const EVER: Bounds = { maxAgeMs: 86_400_000, maxBytes: 1024 ** 3 };
const NOTHING: Bounds = { maxAgeMs: 0, maxBytes: 0 };
const KIB = 1024;

interface Room {
  readonly path: string;
  readonly records: Records;
  /** What the next sweep leaves. */
  allow(bounds: Bounds): void;
  /** Writes a record that is some hours old, and gives its id. */
  write(hours: number, size: number): Promise<string>;
  /** The ids that are still there. */
  left(): readonly string[];
}

/** By itself nothing is swept, unless a test wants it to be. */
const NEVER: Pace = { firstMs: 1e8, pauseMs: 1e8, soonMs: 1e8, lookMs: 1e8, lastMs: 10_000 };

function room(pace: Partial<Pace> = {}, path = folder()): Room {
  let bounds = EVER;
  const records = createRecords({ folder: path, bounds: () => bounds, pace: { ...NEVER, ...pace } });
  atEnd(() => records.close());
  const own = join(path, ownerId());
  return {
    path,
    records,
    allow: (next) => void (bounds = next),
    write: async (hours, size) => {
      const id = randomUUID();
      const recording = records.begin({ id, tool: "t", limit: 1024 * KIB });
      await recording.stdout(Buffer.alloc(size));
      await recording.end(true);
      const then = Date.now() / 1000 - hours * 3600;
      for (const kind of ["stdout", "json"]) utimesSync(join(own, `${id}.${kind}`), then, then);
      return id;
    },
    left: () => [...new Set(readdirSync(own).map((name) => name.slice(0, 36)))],
  };
}

describe("records are removed", () => {
  it("when they are older than they may be, and only those", async () => {
    const { records, write, left } = room();
    const [old, young] = [await write(25, 10), await write(23, 10)];
    await records.sweep();
    expect(left()).toEqual([young]);
    expect(records.newest().map((facts) => facts.id)).toEqual([young]);
    await expect(records.read(old, "stdout", { offset: 0, length: 1 })).rejects.toThrow(/no record of a call/);
  });

  it("the oldest first, until they take no more room than they may", async () => {
    const { records, write, left, allow } = room();
    const ids = [
      await write(3, 96 * KIB),
      await write(9, 96 * KIB),
      await write(1, 96 * KIB),
      await write(5, 96 * KIB),
    ];
    // Each takes 100 KiB, with the block of its facts.
    allow({ ...EVER, maxBytes: 250 * KIB });
    await records.sweep();
    expect(new Set(left())).toEqual(new Set([ids[0], ids[2]]));
    allow({ ...EVER, maxBytes: 200 * KIB });
    await records.sweep();
    expect(left()).toHaveLength(2);
  });

  it("never while they are written or read", async () => {
    const { records, write, left, allow } = room();
    allow(NOTHING);
    const running = randomUUID();
    const recording = records.begin({ id: running, tool: "t", limit: 1024 * KIB });
    await recording.stdout(Buffer.from("so far"));
    const read = await write(48, 512 * KIB);
    const searched = await write(48, 512 * KIB);
    const other = await write(48, 10);
    const reading = records.read(read, "stdout", { offset: 0, length: 512 * KIB });
    const searching = records.grep(searched, "stdout", { matches: () => false, offset: 0, length: 10 });
    await records.read(running, "stdout", { offset: 0, length: 1 });
    const before = left();
    expect(before).toContain(other);
    const again = records.read(read, "stdout", { offset: 0, length: 512 * KIB });
    const againSearching = records.grep(searched, "stdout", { matches: () => false, offset: 0, length: 10 });
    await records.sweep();
    expect(left()).toContain(running);
    expect(left()).not.toContain(other);
    for (const { bytes } of [await reading, await again]) expect(bytes).toHaveLength(512 * KIB);
    for (const { totalBytes } of [await searching, await againSearching]) expect(totalBytes).toBe(512 * KIB);
    await recording.stdout(Buffer.from(", and more"));
    await recording.end(true);
    expect(String((await records.read(running, "stdout", { offset: 0, length: 99 })).bytes)).toBe("so far, and more");
  });

  it("but nothing else in their folder, and nothing behind a link", async () => {
    const { path, records, write, allow } = room();
    await write(48, 10);
    const elsewhere = folder({ [`${randomUUID()}.stdout`]: "mine", [`${randomUUID()}.json`]: "{}" });
    symlinkSync(elsewhere, join(path, "1-1-1"));
    writeFileSync(join(path, "notes.txt"), "mine");
    mkdirSync(join(path, "not-an-owner"));
    writeFileSync(join(path, ownerId(), "notes.json"), "mine");
    allow(NOTHING);
    await records.sweep();
    expect(readdirSync(elsewhere)).toHaveLength(2);
    expect(readdirSync(path).toSorted()).toEqual(["1-1-1", ownerId(), "not-an-owner", "notes.txt"].toSorted());
    expect(readdirSync(join(path, ownerId()))).toEqual(["notes.json"]);
  });
});

/** Writes a record that is as young as it is. */
async function print(records: Records, size: number): Promise<string> {
  const id = randomUUID();
  const recording = records.begin({ id, tool: "t", limit: 1024 * KIB });
  await recording.stdout(Buffer.alloc(size));
  await recording.end(true);
  return id;
}

function sizeOf(path: string): number {
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(path, name)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
}

describe("without being asked", () => {
  it("a server that does nothing removes a record when it becomes too old", async () => {
    // The sweep after the call finds it too young.
    const { records, left, allow } = room({ pauseMs: 1, soonMs: 1 });
    allow({ ...EVER, maxAgeMs: 500 });
    const id = await print(records, 10);
    expect(left()).toEqual([id]);
    await poll(
      () => left().length === 0,
      () => "it is still there",
    );
  });

  it("what grows too large is made smaller, while a call still prints as well as after it", async () => {
    const { records, left, allow, path } = room({ soonMs: 1 });
    allow({ ...EVER, maxBytes: 200 * KIB });
    const first = await print(records, 120 * KIB);
    const running = records.begin({ id: randomUUID(), tool: "t", limit: 1024 * KIB });
    for (let count = 0; count < 8; count++) await running.stdout(Buffer.alloc(100 * KIB));
    await poll(
      () => left().length === 1,
      () => "the finished one is still there",
    );
    expect(left()).not.toContain(first);
    await running.end(true);
    await poll(
      () => sizeOf(path) === 0,
      () => `${sizeOf(path)} bytes are left`,
    );
  });

  it("a server that ends before it ever swept leaves no more than there may be", async () => {
    const path = folder();
    for (const size of [150, 96]) {
      const { records, allow } = room({}, path);
      allow({ ...EVER, maxBytes: 200 * KIB });
      const id = await print(records, size * KIB);
      await records.close();
      expect(sizeOf(path)).toBeLessThan(200 * KIB);
      expect(readdirSync(join(path, ownerId()))).toEqual([`${id}.json`, `${id}.stdout`]);
    }
  });
});

describe("of a server that cannot be seen from here", () => {
  const FOREIGN = "1-1-1";

  function leave(path: string, hours: number, size: number): string {
    const id = randomUUID();
    const file = join(path, FOREIGN, `${id}.stdout`);
    mkdirSync(join(path, FOREIGN), { recursive: true });
    writeFileSync(file, "");
    truncateSync(file, size);
    const then = Date.now() / 1000 - hours * 3600;
    for (const each of [file, join(path, FOREIGN)]) utimesSync(each, then, then);
    return id;
  }

  it("an unfinished record is in use until it is too old, and its empty folder goes when that is", async () => {
    const { path, records } = room();
    leave(path, 25, 10);
    const young = leave(path, 23, 10);
    await records.sweep();
    expect(readdirSync(join(path, FOREIGN))).toEqual([`${young}.stdout`]);
    const then = Date.now() / 1000 - 25 * 3600;
    utimesSync(join(path, FOREIGN, `${young}.stdout`), then, then);
    await records.sweep();
    expect(readdirSync(join(path, FOREIGN))).toEqual([]);
    utimesSync(join(path, FOREIGN), then, then);
    await records.sweep();
    expect(readdirSync(path)).not.toContain(FOREIGN);
  });

  it("unfinished records take half of the room from the others at most", async () => {
    const { path, records, write, left, allow } = room();
    leave(path, 1, 1024 ** 3);
    const ids = [await write(3, 76 * KIB), await write(2, 76 * KIB)];
    allow({ ...EVER, maxBytes: 200 * KIB });
    await records.sweep();
    expect(left()).toEqual([ids[1]]);
  });
});

const FLOOD = `
commands:
  - { name: done, description: d, run: [seq, "1", "20000"] }
  - { name: flood, description: d, shell: sh, run: "seq 1 100000; echo ready; sleep 60" }
`;

describe("of another server", () => {
  it("a record is in use while that lives, and when it was killed what it left is removed, but not what it finished", async () => {
    const state = folder();
    const path = join(state, "mcpfier", "records");
    const session = await raw(FLOOD, {}, { env: { XDG_STATE_HOME: state } });
    session.call(1, "done", {});
    const id = String((await session.answer(1)).result?._meta?.["mcpfier/call"]?.["id"]);
    session.call(2, "flood", {}, { progressToken: 1 });
    const files = (): readonly string[] => readdirSync(path).flatMap((owner) => readdirSync(join(path, owner)));
    await poll(
      () => files().filter((name) => name.endsWith(".stdout")).length === 2 && files().includes(`${id}.json`),
      () => `the record was not begun: ${files().join(" ")}; ${session.stderr()}`,
    );
    const begun = files().find((name) => !name.startsWith(id));
    let bounds = NOTHING;
    const records = createRecords({ folder: path, bounds: () => bounds });
    atEnd(() => records.close());
    await records.sweep();
    expect(files()).toEqual([begun]);
    session.call(3, "done", {});
    const last = String((await session.answer(3)).result?._meta?.["mcpfier/call"]?.["id"]);
    await poll(
      () => files().includes(`${last}.json`),
      () => files().join(" "),
    );
    session.child.kill("SIGKILL");
    await session.exited();
    bounds = EVER;
    await records.sweep();
    expect(files().toSorted()).toEqual([`${last}.json`, `${last}.stdout`]);
    expect(String((await records.read(last, "stdout", { offset: 0, length: 4 })).bytes)).toBe("1\n2\n");
    bounds = NOTHING;
    await records.sweep();
    expect(readdirSync(path)).toEqual([]);
  });
});
