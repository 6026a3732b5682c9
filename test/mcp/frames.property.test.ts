import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundsOf } from "../../src/mcp/bounds.ts";
import { type Frames, createFrames } from "../../src/mcp/frames.ts";

const MOST = 8;

function* framesOf(frames: Frames, chunk: Buffer): Generator<Buffer | null> {
  frames.write(chunk);
  for (let frame = frames.next(); frame !== undefined; frame = frames.next()) yield frame;
}

describe("frames", () => {
  test("do not depend on where chunks are cut, and one that is too long does not hurt the next", () => {
    const bytes = fc
      .uint8Array({ maxLength: 80 })
      .map((all) => Buffer.from(all.map((byte) => (byte % 7 === 0 ? 10 : byte))));
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(80)), (all, cuts) => {
        const frames = createFrames(MOST);
        const places = [0, ...cuts.filter((cut) => cut < all.length).toSorted((a, b) => a - b), all.length];
        const seen: (string | null)[] = [];
        for (const [index, end] of places.slice(1).entries())
          for (const frame of framesOf(frames, Buffer.from(all.subarray(places[index], end))))
            seen.push(frame?.toString("latin1") ?? null);
        const lines = all.toString("latin1").split("\n");
        const last = lines.pop() ?? "";
        const wanted = lines.map((line) => (line.length > MOST ? null : line));
        expect(seen).toEqual(last.length > MOST ? [...wanted, null] : wanted);
      }),
      { numRuns: 2000 },
    );
  });

  test("hold little more than they must when they come byte by byte", () => {
    const frames = createFrames();
    const before = process.memoryUsage().arrayBuffers;
    let ended = 0;
    for (let sent = 0; sent < 300_000; sent++) for (const _frame of framesOf(frames, Buffer.from("x"))) ended++;
    expect(ended).toBe(0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 ** 2);
    expect([...framesOf(frames, Buffer.from("\n"))].map((frame) => frame?.length)).toEqual([300_000]);
  });
});

describe("bounds", () => {
  const number = fc.oneof(
    fc.constantFrom(
      "0",
      "-0",
      "12345678901234567890",
      "9007199254740993",
      "-9007199254740992",
      "1e400",
      "-1E+309",
      "1e21",
    ),
    fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
  );
  const space = fc.constantFrom("", " ", "\n", "\t ");
  const text = fc.oneof(
    fc.string({ unit: "binary" }).map((value) => JSON.stringify(value)),
    fc.constantFrom('"\\\\"', '"\\"[{"', '"12345678901234567890"', '"\\\\\\"1e999"', '"\\u005b"'),
  );
  const { json } = fc.letrec<{ json: string }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      number,
      text,
      fc.constantFrom("true", "null"),
      fc
        .array(fc.tuple(space, tie("json")), { maxLength: 3 })
        .map((parts) => `[${parts.map((part) => part.join("")).join(",")}]`),
      fc
        .array(fc.tuple(space, text, space, tie("json")), { maxLength: 3 })
        .map(
          (parts) => `{${parts.map(([gap, , more, value], index) => `${gap}"${index}"${more}:${value}`).join(",")}}`,
        ),
    ),
  }));

  test("are those that a parser sees", () => {
    fc.assert(
      fc.property(json, (written) => {
        const inexact: string[] = [];
        const value: unknown = JSON.parse(written, (_key, each: unknown, context?: { source?: string }) => {
          const source = context?.source;
          if (typeof each === "number" && source !== undefined && !isKept(source, each)) inexact.push(source);
          return each;
        });
        expect(boundsOf(Buffer.from(written), 1000)).toEqual({ depth: depthOf(value), inexact: inexact[0] });
      }),
      { numRuns: 5000 },
    );
  });

  test("of any bytes are told", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void boundsOf(bytes, 64)));
  });
});

/** An integer must print as it was written; everything else is a double, and there. */
function isKept(source: string, value: number): boolean {
  const isInteger = /^-?\d+$/.test(source) && source !== "-0";
  return isInteger ? String(value) === source : Number.isFinite(value);
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
