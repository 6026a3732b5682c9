import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createGauge } from "../../src/mcp/gauge.ts";
import { createLine, createLines } from "../../src/mcp/lines.ts";
import { type Update, createProgress } from "../../src/mcp/progress.ts";
import { type Report, createPercentReader, readReport } from "../../src/mcp/report.ts";

/** Output in pieces that matter to what reads it. */
const output = fc
  .array(
    fc.oneof(
      fc.constantFrom("\n", "\r", "\r\n", " ", "a", "word", "€", "\u001B[1m", "%", "0", ".", "100%", "7.5%", "250%"),
      fc.constantFrom("::progress ", "::progress 4/10", "::progress 1.5/3 text\n", "\n::progress 9/9\r", "/10", "::p"),
      fc.constantFrom("x".repeat(1999), " ".repeat(2001)),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join("")));
const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 60 });

/** Gives the bytes in chunks, and spoils each once it was taken: its memory is used again. */
function feed(bytes: Buffer, sizes: readonly number[], take: (chunk: Buffer) => void): void {
  let from = 0;
  for (const size of [...sizes, bytes.length]) {
    const chunk = Buffer.from(bytes.subarray(from, from + size));
    take(chunk);
    chunk.fill("\n::progress 77/99 spoilt 99%\n");
    from += size;
  }
}

/** What `createLines` is to find, from the whole output and without a thought of speed. */
function expectedLines(bytes: Buffer, reports: boolean): { count: number; latest: string; report: Report | null } {
  const lines = bytes
    .toString("latin1")
    .split(/\r\n|\r|\n/)
    .slice(0, -1)
    .map((line) => Buffer.from(line.slice(0, 2000), "latin1"));
  const found = lines.map((line) => (reports ? readReport(line) : null));
  const texts = lines.map((line, index) => found[index]?.text ?? line);
  return {
    count: lines.length,
    latest: (texts.findLast((text) => /[^\0-\x20]/.test(text.toString("latin1"))) ?? Buffer.alloc(0)).toString(),
    report: found.findLast((each) => each)?.report ?? null,
  };
}

describe("what is read out of a stream does not depend on where its chunks are cut", () => {
  test("lines and reports", () => {
    fc.assert(
      fc.property(output, cuts, fc.boolean(), (bytes, sizes, reports) => {
        const latest = createLine();
        const lines = createLines({ latest, reports });
        feed(bytes, sizes, lines.write);
        const state = { count: lines.count(), latest: latest.bytes().toString(), report: lines.report() };
        expect(state).toEqual(expectedLines(bytes, reports));
      }),
      { numRuns: 2000 },
    );
  });

  test("percentages", () => {
    fc.assert(
      fc.property(output, cuts, (bytes, sizes) => {
        const matches = bytes.toString("latin1").matchAll(/(?<![\d.])(\d{1,3}(?:\.\d{1,6})?)%/g);
        const expected = [...matches].map((match) => Number(match[1])).findLast((value) => value <= 100);
        const read = createPercentReader();
        let last: Report | null = null;
        feed(bytes, sizes, (chunk) => (last = read(chunk) ?? last));
        expect(last).toEqual(expected === undefined ? null : { value: expected, total: 100 });
      }),
      { numRuns: 2000 },
    );
  });
});

test("what a gauge gives grows strictly, and never beyond its total, whatever is told", () => {
  const number = fc.oneof(
    fc.nat({ max: 120 }),
    fc.nat({ max: 10 ** 9 }).map((each) => each / 7),
    fc.constant(1e15),
  );
  const report = fc
    .tuple(number, number)
    .map(([a, b]) => ({ value: Math.min(a, b), total: Math.max(a, b) }))
    .filter(({ total }) => total > 0);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 5 }), fc.option(report)), { maxLength: 60 }), (steps) => {
      const gauge = createGauge();
      let lines = 0;
      let last = Number.NEGATIVE_INFINITY;
      for (const [more, told] of steps) {
        lines += more;
        const { progress, total = Number.POSITIVE_INFINITY } = gauge.next(lines, told);
        expect(progress).toBeGreaterThan(last);
        expect(progress).toBeLessThanOrEqual(total);
        last = progress;
      }
    }),
    { numRuns: 2000 },
  );
});

describe("the pace", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  interface Sent extends Update {
    readonly at: number;
  }

  const step = fc.oneof(
    fc.record({ stream: fc.constantFrom("stdout", "stderr"), bytes: output }),
    fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 300 }), fc.nat({ max: 20_000 })),
  );

  /** Found by this test: the last message arrived after it was given up, in the time that was left for it to be read. */
  const LATE: [{ stream: "stdout"; bytes: Buffer<ArrayBuffer> }[], number[], "lines"] = [
    [Buffer.from("\n"), Buffer.from("\n::progress 9/9\r")].map((bytes) => ({ stream: "stdout" as const, bytes })),
    [8, 243],
    "lines",
  ];

  test("keeps every promise at once, whatever is printed and however slow the client is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom("lines", "percent"),
        async (steps, delays, mode) => {
          const sent: Sent[] = [];
          let onTheirWay = 0;
          let arrivedAt = Number.NEGATIVE_INFINITY;
          const progress = createProgress(async (update) => {
            expect(++onTheirWay).toBe(1);
            sent.push({ ...update, at: performance.now() });
            await new Promise((resolve) => setTimeout(resolve, delays[sent.length % delays.length]));
            onTheirWay--;
            arrivedAt = performance.now();
          });
          const watcher = progress.follow(mode);
          for (const each of steps) {
            if (typeof each === "number") await vi.advanceTimersByTimeAsync(each);
            else void watcher[each.stream === "stdout" ? "stdout" : "stderr"](each.bytes);
          }
          const asked = performance.now();
          let endedAt = Number.NaN;
          const end = progress.end().then(() => (endedAt = performance.now()));
          await vi.advanceTimersByTimeAsync(1000);
          await end;
          const count = sent.length;
          await vi.advanceTimersByTimeAsync(20_000);
          expect(sent.length).toBe(count);
          expect(vi.getTimerCount()).toBe(0);
          expect(endedAt - asked).toBeLessThanOrEqual(300);
          if (arrivedAt <= endedAt) expect(endedAt - arrivedAt).toBeGreaterThanOrEqual(15);
          for (const [index, { progress: value, total, message, at }] of sent.entries()) {
            expect(value).toBeGreaterThan(sent[index - 1]?.progress ?? Number.NEGATIVE_INFINITY);
            expect(value).toBeLessThanOrEqual(total ?? value);
            expect(message).not.toBe("");
            expect(message.length).toBeLessThanOrEqual(500);
            expect(at - (sent[index - 1]?.at ?? at)).toBeLessThanOrEqual(5000 + 400);
            expect(at - (sent[index - 10]?.at ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(1000);
          }
        },
      ),
      { numRuns: 500, examples: [LATE] },
    );
  });

  test("a client that never takes a message gets one, and holds the end for a quarter of a second", async () => {
    const sent: Update[] = [];
    const progress = createProgress((update) => {
      sent.push(update);
      return new Promise(() => undefined);
    });
    const { stdout } = progress.follow("lines");
    for (let index = 0; index < 1000; index++) {
      void stdout(Buffer.from(`line ${index}\n`));
      await vi.advanceTimersByTimeAsync(50);
    }
    let hasEnded = false;
    const end = progress.end().then(() => (hasEnded = true));
    await vi.advanceTimersByTimeAsync(249);
    expect(hasEnded).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await end;
    expect(sent.map((update) => update.message)).toEqual(["line 0"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a million tiny writes and bars that redraw themselves are told ten times a second at most", async () => {
    const sent: number[] = [];
    const progress = createProgress(({ progress: value }) => {
      sent.push(value);
      return Promise.resolve();
    });
    const { stdout, stderr } = progress.follow("lines");
    const dot = Buffer.from(".");
    const redraw = Buffer.from("\r[==>  ]");
    for (let index = 0; index < 1_000_000; index++) {
      void (index % 2 === 0 ? stdout(dot) : stderr(redraw));
      if (index % 100_000 === 0) await vi.advanceTimersByTimeAsync(500);
    }
    const end = progress.end();
    await vi.advanceTimersByTimeAsync(100);
    await end;
    expect(sent.length).toBeGreaterThan(5);
    expect(sent.length).toBeLessThanOrEqual(10 * 5 + 1);
    // The last redraw is not over.
    expect(sent.at(-1)).toBe(500_000);
  });
});
