import { execFileSync } from "node:child_process";
import { readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine.ts";
import type { Outcome } from "../../src/pipeline/call.ts";
import { atEnd, engineOf, folder } from "../rig.ts";
import type { Slice } from "../../src/stores/slice.ts";
import type { RecordTold } from "../../src/stores/recording.ts";
import { type Failure, failingDisk } from "./disk.ts";

const SMALL = "hi\n";
const LARGE = Array.from({ length: 150_000 }, (_, index) => `${index + 1}\n`).join("");
const CATALOGUE = `
commands:
  - { name: small, run: [echo, hi] }
  - { name: large, shell: sh, run: "seq 1 150000; echo problem >&2", limits: { output: 256KiB } }
`;
const HALF = 128 * 1024;
const FAILURES: readonly (readonly [Failure, "once" | "always"])[] = [
  ["ENOSPC", "once"],
  ["ENOSPC", "always"],
  ["EIO", "once"],
  ["EMFILE", "once"],
  ["short write", "once"],
  ["short write", "always"],
  ["no write", "once"],
];

/** Reads all that is kept and checks that it is what was printed. */
async function readAll(engine: Engine, id: string, printed: string): Promise<number> {
  let sum = 0;
  for (let offset: number | null = 0; offset !== null;) {
    const slice: Slice | undefined = await engine.records?.read(id, "stdout", {
      offset,
      length: 1024 ** 2,
      exact: true,
    });
    if (!slice) throw new Error("nothing is recorded");
    expect(slice.bytes.toString()).toBe(printed.slice(slice.offset, slice.offset + slice.bytes.length));
    expect(slice.totalBytes).toBe(printed.length);
    sum += slice.bytes.length;
    offset = slice.next;
  }
  return sum;
}

function told(outcome: Outcome): { record: RecordTold; text: string } {
  if (outcome.kind !== "completed" || !outcome.record) throw new Error(JSON.stringify(outcome));
  return { record: outcome.record, text: outcome.shown.text };
}

it.each(FAILURES)(
  "a disk that fails with %s %s, at any of its uses: the call answers, says so if it matters, and all is well afterwards",
  { timeout: 120_000 },
  async (failure, times) => {
    let isReached = true;
    for (let nth = 1; isReached; nth++) {
      const disk = failingDisk(nth, failure, times);
      const engine = await engineOf(CATALOGUE, { files: disk.files });
      const small = told(await engine.call({ tool: "small", arguments: {} }));
      expect(small.text).toBe(SMALL);
      const { record, text } = told(await engine.call({ tool: "large", arguments: {} }));
      if (record.fault === "") {
        expect(text).toContain("read them by mcpfier_read_output");
        if (times === "once") await readBack(engine, record.id, 2 * HALF);
      } else {
        expect(record.fault).toMatch(failure.endsWith("write") ? /ENOSPC/ : new RegExp(failure));
        const isKept = record.kept.includes("stdout");
        expect(text).toContain(
          isKept
            ? `they could not all be kept, because ${record.fault}; what was kept is read by`
            : `they could not be kept, because ${record.fault} ...]`,
        );
        expect(text.includes("mcpfier://")).toBe(isKept);
        if (times === "once") await readBack(engine, record.id, 0);
      }
      if (times === "once") await readBack(engine, small.record.id, 0, SMALL);
      const isOver = disk.asked() >= nth;
      const after = told(await engine.call({ tool: "large", arguments: {} }));
      if (times === "once" && isOver) {
        expect([nth, after.record.fault]).toEqual([nth, ""]);
        expect(await readAll(engine, after.record.id, LARGE)).toBe(2 * HALF);
      }
      await engine.close();
      expect(disk.open()).toBe(0);
      isReached = disk.asked() >= nth;
    }
  },
);

/** The reader's own use of the disk may be the one that fails. */
async function readBack(engine: Engine, id: string, least: number, printed = LARGE): Promise<void> {
  try {
    expect(await readAll(engine, id, printed)).toBeGreaterThanOrEqual(least);
  } catch (error) {
    expect(String(error)).toMatch(
      /the record of call \S+ cannot be read: .*\((?:ENOSPC|EIO|EMFILE)\)|no record of a call/,
    );
  }
}

/** A file system of some size; undefined where we may not mount one. */
function smallDisk(size: string): string | undefined {
  const path = folder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "mcpfier-test", path], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  atEnd(() => execFileSync("umount", [path]));
  return path;
}

function circle(): string {
  const path = join(folder(), "circle");
  symlinkSync(path, path);
  return path;
}

describe("a disk that is really full", () => {
  it("keeps the beginning, says why not more, and takes records again when there is room", async ({ skip }) => {
    const disk = smallDisk("160k") ?? "";
    skip(disk === "", "no small file system can be mounted here");
    const engine = await engineOf(CATALOGUE, { records: join(disk, "records") });
    const { record, text } = told(await engine.call({ tool: "large", arguments: {} }));
    expect(record.fault).toBe("the disk is full (ENOSPC)");
    expect(text).toContain("they could not all be kept, because the disk is full (ENOSPC)");
    const kept = await readAll(engine, record.id, LARGE);
    expect(kept).toBeGreaterThan(64 * 1024);
    expect(kept).toBeLessThanOrEqual(160 * 1024);
    const [owner = ""] = readdirSync(join(disk, "records"));
    for (const name of readdirSync(join(disk, "records", owner)))
      execFileSync("rm", [join(disk, "records", owner, name)]);
    const small = told(await engine.call({ tool: "small", arguments: {} }));
    expect(String((await engine.records?.read(small.record.id, "stdout", { offset: 0, length: 9 }))?.bytes)).toBe(
      SMALL,
    );
    await engine.close();
  });

  it("makes room for a new record at the cost of an older one", async ({ skip }) => {
    const disk = smallDisk("400k") ?? "";
    skip(disk === "", "no small file system can be mounted here");
    const engine = await engineOf(CATALOGUE, { records: join(disk, "records") });
    const before = told(await engine.call({ tool: "large", arguments: {} })).record;
    const { record } = told(await engine.call({ tool: "large", arguments: {} }));
    expect([before.fault, record.fault]).toEqual(["", ""]);
    expect(await readAll(engine, record.id, LARGE)).toBe(2 * HALF);
    await expect(readAll(engine, before.id, LARGE)).rejects.toThrow(/no record of a call/);
    await engine.close();
  });

  it("a folder that others could write to, or that cannot be made, is not used", async () => {
    const open = folder();
    execFileSync("chmod", ["777", open]);
    for (const [records, why] of [
      [open, /others can write to .*chmod 700/],
      [join(folder({ file: "" }), "file", "records"), /^a file stands where a folder is expected \(ENOTDIR\)$/],
      [join(folder({ file: "" }), "file"), /^a file stands where a folder is expected \(ENOTDIR\)$/],
      [circle(), /^a link stands in its place, or leads in a circle \(ELOOP\)$/],
    ] as const) {
      const engine = await engineOf(CATALOGUE, { records });
      const { record, text } = told(await engine.call({ tool: "large", arguments: {} }));
      expect(record).toEqual({ id: record.id, kept: [], fault: expect.stringMatching(why) });
      expect(text).toContain(`bytes left out: they could not be kept, because ${record.fault} ...]`);
      expect(text).not.toContain(dirname(records));
    }
  });
});
