import { randomUUID } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ownerId } from "../../src/base/owner.ts";
import { Refusal } from "../../src/base/refusal.ts";
import { lineMatcher } from "../../src/stores/expression.ts";
import { type Records, createRecords } from "../../src/stores/records.ts";
import type { Recording } from "../../src/stores/recording.ts";
import { atEnd, engineOf, folder, host } from "../rig.ts";

const EVER = { maxAgeMs: 86_400_000, maxBytes: 1024 ** 3 };

function store(path = folder()): Records {
  const records = createRecords({ folder: path, bounds: () => EVER });
  atEnd(() => records.close());
  return records;
}

/** What a record of a stream must hold. */
function oracle(whole: Buffer, limit: number): { head: number; tail: number } {
  if (whole.length <= limit) return { head: whole.length, tail: whole.length };
  const half = Math.floor(limit / 2);
  return { head: half, tail: whole.length - (limit - half) };
}

async function write(recording: Recording, chunk: Buffer): Promise<void> {
  const lent = Buffer.from(chunk);
  await recording.stdout(lent);
  lent.fill(0);
}

/** Checks one read against the stream that was printed until now. */
async function checkRead(
  records: Records,
  id: string,
  whole: Buffer,
  { limit, offset, length }: { limit: number; offset: number; length: number },
): Promise<void> {
  const { head, tail } = oracle(whole, limit);
  const slice = await records.read(id, "stdout", { offset, length, exact: true });
  const isInGap = offset >= head && offset < tail;
  const from = Math.min(isInGap ? tail : offset, whole.length);
  const to = Math.min(from + length, from < head ? head : whole.length);
  const next = to === head && head < tail ? tail : to;
  expect(slice).toEqual({
    offset: from,
    bytes: whole.subarray(from, to),
    isText: expect.any(Boolean),
    next: next < whole.length ? next : null,
    totalBytes: whole.length,
    gap: head < tail && (isInGap || to === head) ? { from: head, to: tail } : null,
  });
}

const CHUNK = fc.uint8Array({ minLength: 1, maxLength: 120 }).map((bytes) => Buffer.from(bytes));
const RANGE = fc.record({ offset: fc.nat(1500), length: fc.integer({ min: 1, max: 600 }) });
const STEPS = fc.array(fc.oneof({ weight: 3, arbitrary: CHUNK }, { weight: 1, arbitrary: RANGE }), {
  minLength: 1,
  maxLength: 30,
});

describe("a record", () => {
  it("property: any range of a stream that was cut in any way, before its end and after, is as it was printed", async () => {
    const records = store();
    await fc.assert(
      fc.asyncProperty(STEPS, RANGE, fc.integer({ min: 2, max: 400 }), async (steps, last, limit) => {
        const id = randomUUID();
        const recording = records.begin({ id, tool: "t", limit });
        let whole = Buffer.alloc(0);
        for (const step of steps) {
          if (Buffer.isBuffer(step)) {
            await write(recording, step);
            whole = Buffer.concat([whole, step]);
          } else if (whole.length > 0) await checkRead(records, id, whole, { limit, ...step });
        }
        expect(await recording.end(true)).toEqual(whole.length === 0 ? null : { id, kept: ["stdout"], fault: "" });
        if (whole.length > 0) await checkRead(records, id, whole, { limit, ...last });
      }),
      { numRuns: 400 },
    );
  });

  it("property: large chunks are no different", { timeout: 120_000 }, async () => {
    const records = store();
    const pattern = Buffer.from(Array.from({ length: 1_000_003 }, (_, index) => index % 251));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(65_536, 300_001, 1_048_576, 10_000_000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (sizes, limit, place) => {
          const id = randomUUID();
          const recording = records.begin({ id, tool: "t", limit });
          const chunks = sizes.map((size, index) => pattern.subarray(index * 1000, index * 1000 + size));
          for (const chunk of chunks) await write(recording, chunk);
          const whole = Buffer.concat(chunks);
          const offset = Math.floor(place * whole.length);
          await checkRead(records, id, whole, { limit, offset, length: 100_000 });
          await recording.end(true);
          await checkRead(records, id, whole, { limit, offset, length: 1_000_000 });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("holds memory for a batch or two, and makes the program wait for the disk", async () => {
    const records = store();
    const recording = records.begin({ id: randomUUID(), tool: "t", limit: 64 * 1024 ** 2 });
    const chunk = Buffer.alloc(200_000);
    const before = process.memoryUsage().arrayBuffers;
    let waits = 0;
    for (let count = 0; count < 200; count++) {
      const pressure = recording.stdout(chunk);
      if (!pressure) continue;
      waits++;
      await pressure;
    }
    expect(waits).toBeGreaterThan(10);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 1024 ** 2);
    await recording.end(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(256 * 1024);
  });

  it("is read rightly while a program overwrites it faster than anybody reads", async () => {
    const records = store();
    const id = randomUUID();
    const recording = records.begin({ id, tool: "t", limit: 1024 ** 2 });
    const reader = new AbortController();
    const flood = (async () => {
      for (let first = 0; !reader.signal.aborted; first += 8000) {
        const numbers = Array.from({ length: 8000 }, (_, index) => String(first + index).padStart(9, "0"));
        await recording.stdout(Buffer.from(`${numbers.join("\n")}\n`));
        await new Promise(setImmediate);
      }
    })();
    let seen = 0;
    for (let round = 0; round < 300; round++) {
      const { totalBytes, gap } = await records.read(id, "stdout", { offset: 0, length: 1, exact: true }).catch(() => ({
        totalBytes: 0,
        gap: null,
      }));
      const offset = Math.floor((gap?.to ?? totalBytes / 2) / 10) * 10 + (round % 7) * 50_000;
      const slice = await records.read(id, "stdout", { offset, length: 100_000, exact: true }).catch(() => null);
      if (!slice || slice.bytes.length === 0) continue;
      const text = slice.bytes.toString("latin1");
      const skipped = (10 - (slice.offset % 10)) % 10;
      for (let at = skipped; at + 10 <= text.length; at += 1000 * 10) {
        expect(text.slice(at, at + 10)).toBe(`${String((slice.offset + at) / 10).padStart(9, "0")}\n`);
        seen++;
      }
    }
    reader.abort();
    await flood;
    await recording.end(true);
    expect(seen).toBeGreaterThan(100);
  });

  it("makes no file for a stream without output, and none at all for a call that printed nothing", async () => {
    const path = folder();
    const records = store(path);
    const [silent, loud] = [randomUUID(), randomUUID()];
    expect(await records.begin({ id: silent, tool: "t", limit: 1000 }).end(true)).toBeNull();
    expect(existsSync(join(path, ownerId()))).toBe(false);
    const recording = records.begin({ id: loud, tool: "t", limit: 1000 });
    void recording.stderr(Buffer.from("x"));
    await recording.end(true);
    expect(readdirSync(join(path, ownerId())).toSorted()).toEqual([`${loud}.json`, `${loud}.stderr`]);
    expect(await records.read(loud, "stdout", { offset: 0, length: 10 })).toMatchObject({ totalBytes: 0, next: null });
  });

  it("is for its owner alone", async () => {
    const path = join(folder(), "deep", "records");
    const records = store(path);
    const recording = records.begin({ id: randomUUID(), tool: "t", limit: 1000 });
    void recording.stdout(Buffer.from("x"));
    await recording.end(true);
    const own = join(path, ownerId());
    for (const each of [path, own]) expect(statSync(each).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(own)) expect(statSync(join(own, name)).mode & 0o777).toBe(0o600);
  });

  it("is read by another server as well, and after the one that made it has gone", async () => {
    const path = folder();
    const first = createRecords({ folder: path, bounds: () => EVER });
    const id = randomUUID();
    const recording = first.begin({ id, tool: "t", limit: 1000 });
    void recording.stdout(Buffer.from("kept"));
    await recording.end(false);
    await first.close();
    const slice = await store(path).read(id, "stdout", { offset: 1, length: 2 });
    expect(slice).toMatchObject({ offset: 1, bytes: Buffer.from("ep"), next: 3, totalBytes: 4 });
  });

  it("of another attempt takes the place of the first", async () => {
    const records = store();
    const id = randomUUID();
    for (const [index, text] of ["first", "second"].entries()) {
      const recording = records.begin({ id, tool: "t", limit: 1000, attempt: index + 1 });
      void recording.stdout(Buffer.from(text));
      await recording.end(false);
    }
    expect((await records.read(id, "stdout", { offset: 0, length: 100 })).bytes.toString()).toBe("second");
    expect(records.newest().map((facts) => facts.id)).toEqual([id]);
  });

  it.each([true, false])("of a silent attempt is none, whatever the one before left (waited for: %s)", async (wait) => {
    const path = folder();
    const records = store(path);
    const id = randomUUID();
    const first = records.begin({ id, tool: "t", limit: 1000 });
    void first.stdout(Buffer.from("first"));
    void first.stderr(Buffer.from("first"));
    await first.end(wait);
    const second = records.begin({ id, tool: "t", limit: 1000, attempt: 2 });
    await expect(records.read(id, "stdout", { offset: 0, length: 9 })).rejects.toThrow(/no record of a call/);
    expect(readdirSync(join(path, ownerId()))).toEqual([]);
    expect(await second.end(true)).toBeNull();
    expect(records.newest()).toEqual([]);
    await expect(records.read(id, "stdout", { offset: 0, length: 9 })).rejects.toThrow(/no record of a call/);
  });

  it("is made again where the folder was removed meanwhile", async () => {
    const path = join(folder(), "records");
    const records = store(path);
    for (const text of ["first", "second"]) {
      const id = randomUUID();
      const recording = records.begin({ id, tool: "t", limit: 1000 });
      void recording.stdout(Buffer.from(text));
      expect(await recording.end(true)).toEqual({ id, kept: ["stdout"], fault: "" });
      expect(String((await records.read(id, "stdout", { offset: 0, length: 99 })).bytes)).toBe(text);
      rmSync(path, { recursive: true });
    }
  });

  it.each([
    "{}",
    "[]",
    "null",
    '{"id":"ID"}',
    '{"id":"ID","tool":"t","startedAt":1,"stdout":{},"stderr":{},"fault":""}',
  ])("that is damaged, as by %s for its facts, cannot be read, which is said", async (text) => {
    const id = randomUUID();
    const path = folder({ [`1-1-1/${id}.json`]: text.replace("ID", id) });
    await expect(store(path).read(id, "stdout", { offset: 0, length: 10 })).rejects.toMatchObject({
      code: "record.unreadable",
      message: `the record of call ${id} cannot be read: it is damaged`,
    });
  });

  it("is not looked for behind a link, and a pipe in its place is not waited for", async () => {
    const path = folder();
    const id = randomUUID();
    const first = createRecords({ folder: join(path, "elsewhere"), bounds: () => EVER });
    const recording = first.begin({ id, tool: "t", limit: 1000 });
    void recording.stdout(Buffer.from("kept"));
    await recording.end(true);
    await first.close();
    mkdirSync(join(path, "records", "2-2-2"), { recursive: true });
    symlinkSync(join(path, "elsewhere", ownerId()), join(path, "records", "1-1-1"));
    const records = store(join(path, "records"));
    await expect(records.read(id, "stdout", { offset: 0, length: 9 })).rejects.toThrow(/no record of a call/);
    execFileSync("mkfifo", [join(path, "records", "2-2-2", `${id}.json`)]);
    await expect(records.read(id, "stdout", { offset: 0, length: 9 })).rejects.toMatchObject({
      message: `the record of call ${id} cannot be read: a pipe stands in its place (ESPIPE)`,
    });
  });

  it.each(["no-id", "../../etc/passwd", randomUUID(), ""])("of %j is not there, which is said", async (id) => {
    await expect(store().read(id, "stdout", { offset: 0, length: 10 })).rejects.toThrow(Refusal);
    await expect(store().read(id, "stdout", { offset: 0, length: 10 })).rejects.toThrow(/no record of a call/);
  });

  it("says of the latest calls what it holds, the newest first and not all of them", async () => {
    const records = store();
    const ids = Array.from({ length: 120 }, () => randomUUID());
    for (const id of ids) {
      const recording = records.begin({ id, tool: "t", limit: 1000 });
      void recording.stdout(Buffer.from(id));
      await recording.end(true);
    }
    expect(records.newest().map((facts) => facts.id)).toEqual(ids.toReversed().slice(0, 100));
  });
});

describe("text", () => {
  const TEXT = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }).filter((text) => text.isWellFormed());

  it("property: in parts of any length it is cut at characters, and the parts are the whole", async () => {
    const records = store();
    await fc.assert(
      fc.asyncProperty(TEXT, fc.integer({ min: 1, max: 50 }), async (text, length) => {
        const id = randomUUID();
        const recording = records.begin({ id, tool: "t", limit: 10_000 });
        await write(recording, Buffer.from(text));
        await recording.end(true);
        const parts: Buffer[] = [];
        for (let offset: number | null = 0; offset !== null;) {
          const slice = await records.read(id, "stdout", { offset, length });
          expect(slice.isText).toBe(true);
          expect(slice.next === null || slice.next > offset).toBe(true);
          parts.push(slice.bytes);
          offset = slice.next;
        }
        expect(Buffer.concat(parts).toString()).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("that lost half a character to a gap is still text, and what is none says so", async () => {
    const records = store();
    const id = randomUUID();
    const recording = records.begin({ id, tool: "t", limit: 21 });
    await recording.stdout(Buffer.from("😀".repeat(20)));
    await recording.end(true);
    const head = await records.read(id, "stdout", { offset: 0, length: 100 });
    expect(head).toMatchObject({ isText: true, gap: { from: 10, to: 69 }, next: 69 });
    expect(head.bytes.toString()).toBe("😀😀");
    const tail = await records.read(id, "stdout", { offset: 69, length: 100 });
    expect([tail.offset, tail.bytes.toString(), tail.next]).toEqual([72, "😀😀", null]);
    const other = randomUUID();
    const binary = records.begin({ id: other, tool: "t", limit: 1000 });
    await binary.stdout(Buffer.from([0x80, 0xff, 0xfe, 0x41]));
    await binary.end(true);
    expect(await records.read(other, "stdout", { offset: 1, length: 2 })).toMatchObject({
      isText: false,
      bytes: Buffer.from([0xff, 0xfe]),
      next: 3,
    });
  });
});

describe("grep", () => {
  const LINES = fc.array(fc.stringMatching(/^[ab ]{0,12}$/), { minLength: 1, maxLength: 60 });

  it("property: finds the lines that match, with their number and place, and goes on where it stopped", async () => {
    const records = store();
    await fc.assert(
      fc.asyncProperty(LINES, fc.integer({ min: 1, max: 200 }), async (lines, length) => {
        const id = randomUUID();
        const whole = lines.join("\n");
        fc.pre(whole.length > 0);
        const recording = records.begin({ id, tool: "t", limit: 10_000 });
        await write(recording, Buffer.from(whole));
        await recording.end(true);
        const expected = lines.flatMap((text, index) =>
          text.includes("ab")
            ? [{ line: index + 1, offset: lines.slice(0, index).join("\n").length + (index > 0 ? 1 : 0), text }]
            : [],
        );
        const found: unknown[] = [];
        for (let offset: number | null = 0; offset !== null;) {
          const part = await records.grep(id, "stdout", { matches: lineMatcher("a(b)"), offset, length });
          found.push(...part.lines);
          offset = part.next;
        }
        expect(found).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("searches over the borders of its blocks, long lines at their beginning, and both sides of a gap", async () => {
    const records = store();
    const id = randomUUID();
    const recording = records.begin({ id, tool: "t", limit: 400_000 });
    const lines = Array.from({ length: 60_000 }, (_, index) => `line ${index} ${index % 7 === 0 ? "seven" : ""}`);
    lines[3] = `${"x".repeat(100_000)} hidden`;
    const whole = Buffer.from(lines.join("\n"));
    for (let at = 0; at < whole.length; at += 50_000)
      await recording.stdout(Buffer.from(whole.subarray(at, at + 50_000)));
    await recording.end(true);
    const search = (pattern: string): ReturnType<Records["grep"]> =>
      records.grep(id, "stdout", { matches: lineMatcher(pattern), offset: 0, length: 1024 ** 2 });
    const tail = whole.length - 200_000;
    expect(await search("^line (14|59998) ")).toEqual({
      lines: [
        { line: 15, offset: whole.indexOf("line 14 "), text: "line 14 seven" },
        { line: null, offset: whole.indexOf("line 59998 "), text: "line 59998 " },
      ],
      next: null,
      totalBytes: whole.length,
      missing: tail - 200_000,
    });
    expect((await search("hidden")).lines).toEqual([]);
    expect((await search("^x+")).lines).toMatchObject([{ line: 4, text: expect.stringMatching(/^x{2000}…$/) }]);
    const { lines: sevens } = await search("seven$");
    const kept = whole
      .toString("latin1", 0, 200_000)
      .split("\n")
      .slice(0, -1)
      .concat(whole.toString("latin1", tail).split("\n"));
    expect(sevens).toHaveLength(kept.filter((line) => line.endsWith("seven")).length);
  });

  it("matches what is read, without terminal sequences, and refuses what is no expression", async () => {
    const records = store();
    const id = randomUUID();
    const recording = records.begin({ id, tool: "t", limit: 1000 });
    await recording.stdout(Buffer.from("\u001b[31merror\u001b[0m: red\r\n"));
    await recording.end(true);
    const { lines } = await records.grep(id, "stdout", {
      matches: lineMatcher("^error: red$"),
      offset: 0,
      length: 100,
    });
    expect(lines).toEqual([{ line: 1, offset: 0, text: "error: red" }]);
    expect(() => lineMatcher("a(?=b)")).toThrow(/RE2/);
  });

  it("lets others go on after each line that takes long", async () => {
    const records = store();
    const id = randomUUID();
    const recording = records.begin({ id, tool: "t", limit: 1000 });
    await recording.stdout(Buffer.from("a line\n".repeat(8)));
    await recording.end(true);
    let turn = 0;
    const count = (): void => void (next = setImmediate(() => (turn++, count())));
    let next = setImmediate(count);
    const turns: number[] = [];
    const matches = (): boolean => {
      turns.push(turn);
      for (const until = performance.now() + 20; performance.now() < until;);
      return true;
    };
    await records.grep(id, "stdout", { matches, offset: 0, length: 1000 });
    clearImmediate(next);
    expect(turns).toHaveLength(8);
    expect(new Set(turns).size).toBe(8);
  });

  it.each([
    "(a|aa|aaa){900}[^a]",
    "((((a{10}){10}){10}b){10}c){2}",
    "([[:alpha:](){2}]|abcdefghij){300}",
    "(\\Q(\\Eabcdefghij){300}",
    "a{0,600}",
    "x".repeat(1001),
    "[".repeat(100_000),
  ])("does not take an expression that is too large: %.40s", (pattern) => {
    expect(() => lineMatcher(pattern)).toThrow(/^grep: expected a regular expression of at most 1000 steps/);
  });

  it.each([
    ["[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", randomUUID()],
    ["^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}.* ERROR \\[\\w{1,64}\\]", "2026-01-01T00:00:00Z ERROR [main]"],
    ["(\\d{1,3}\\.){3}\\d{1,3}", "127.0.0.1"],
    ["{,5}[[:digit:]]{3}", "{,5}123"],
    ["\\Q(*\\E{3}", "(***"],
  ])("takes %s", (pattern, line) => {
    expect(lineMatcher(pattern)(line)).toBe(true);
  });

  it("searches less of a very long line the larger the expression is", () => {
    const line = `${"a".repeat(50_000)}needle`;
    expect(lineMatcher("needle")(line)).toBe(true);
    expect(lineMatcher(`(x|needle){1,60}`)(line)).toBe(false);
    expect(lineMatcher(`(x|needle){1,60}`)(line.slice(-100))).toBe(true);
  });
});

describe("the record of a call", () => {
  it("holds all that was printed, of each stream, raw, and is named by its outcome", async () => {
    const engine = await engineOf(
      `commands: [{name: both, run: [sh, -c, 'printf "\\033[1mout\\n"; seq 1 20000; echo err >&2']}]`,
    );
    const outcome = await engine.call({ tool: "both", arguments: {} });
    if (outcome.kind !== "completed") throw new Error(outcome.kind);
    expect(outcome.record).toEqual({ id: outcome.callId, kept: ["stdout", "stderr"], fault: "" });
    const seq = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join("");
    const { bytes } = (await engine.records?.read(outcome.callId, "stdout", { offset: 0, length: 200_000 })) ?? {};
    expect(bytes?.toString()).toBe(`\u001b[1mout\n${seq}`);
    expect((await engine.records?.read(outcome.callId, "stderr", { offset: 0, length: 10 }))?.bytes.toString()).toBe(
      "err\n",
    );
    expect(outcome.shown.cut).toEqual(["stdout"]);
    expect(outcome.shown.text).toContain(
      `bytes left out: read them by mcpfier_read_output with call "${outcome.callId}", or the resource mcpfier://calls/${outcome.callId}/stdout ...]`,
    );
  });

  it("is none when the last attempt printed nothing, and what the first printed is gone", async () => {
    const mark = join(folder(), "mark");
    const engine = await engineOf(
      `commands: [{name: again, effect: read, shell: sh, run: "test -e '${mark}' || { echo first; touch '${mark}'; exit 1; }", retry: {attempts: 2, delay: 1ms}}]`,
    );
    const outcome = await engine.call({ tool: "again", arguments: {} });
    expect(outcome).toMatchObject({ kind: "completed", attempt: 2, record: null });
    expect(engine.records?.newest()).toEqual([]);
    await expect(engine.records?.read(outcome.callId, "stdout", { offset: 0, length: 9 })).rejects.toThrow(/no record/);
  });

  it("holds no secret, also of one that is split over writes", async () => {
    const path = folder();
    const engine = await engineOf(
      `commands: [{name: leak, run: [sh, -c, 'printf "a canary-"; sleep 0.05; printf "4711 z"; echo "$API_TOKEN" >&2'], env: {API_TOKEN: "\${API_TOKEN}"}}]`,
      { host: { ...host, env: { ...host.env, API_TOKEN: "canary-4711" } }, records: path },
    );
    const { callId } = await engine.call({ tool: "leak", arguments: {} });
    const { bytes: out } = (await engine.records?.read(callId, "stdout", { offset: 0, length: 100 })) ?? {};
    const { bytes: err } = (await engine.records?.read(callId, "stderr", { offset: 0, length: 100 })) ?? {};
    expect([String(out), String(err)]).toEqual(["a [redacted] z", "[redacted]\n"]);
  });

  it("can be read while the program runs", async () => {
    const engine = await engineOf(`commands: [{name: wait, run: [sh, -c, 'echo ready; sleep 60']}]`);
    const cancel = new AbortController();
    let ready = (): void => undefined;
    const isReady = new Promise<void>((resolve) => (ready = resolve));
    const call = engine.call({ tool: "wait", arguments: {}, signal: cancel.signal, stdout: () => ready() });
    await isReady;
    const [facts] = engine.records?.newest() ?? [];
    expect(facts).toMatchObject({ tool: "wait" });
    expect(String((await engine.records?.read(facts?.id ?? "", "stdout", { offset: 0, length: 9 }))?.bytes)).toBe(
      "ready\n",
    );
    cancel.abort();
    expect((await call).kind).toBe("cancelled");
  });

  it("is not made where the output goes to the terminal", async () => {
    const { createEngine } = await import("../../src/engine.ts");
    const { load } = await import("../rig.ts");
    const { catalogue } = await load("commands: [{name: many, run: [seq, '1', '20000']}]");
    if (!catalogue) throw new Error("the catalogue does not load");
    const engine = createEngine(catalogue, host);
    const outcome = await engine.call({ tool: "many", arguments: {} });
    await engine.close();
    expect(outcome).toMatchObject({
      record: null,
      shown: { text: expect.stringContaining("narrow the call to see them") },
    });
  });
});
