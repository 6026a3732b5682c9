import { Duplex, duplexPair } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FrameSinks, readFrames } from "../../src/containers/frames.ts";

interface Frame {
  readonly kind: number;
  readonly bytes: Buffer;
}

function encode(frames: readonly Frame[]): Buffer {
  return Buffer.concat(
    frames.flatMap(({ kind, bytes }) => {
      const header = Buffer.alloc(8);
      header[0] = kind;
      header.writeUInt32BE(bytes.length, 4);
      return [header, bytes];
    }),
  );
}

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  // Copies, as what is read belongs to the reader, who gives its memory back.
  return places.slice(1).map((end, index) => Buffer.from(bytes.subarray(places[index], end)));
}

/** A stream that gives these chunks and ends. */
function streamOf(chunks: readonly Buffer[]): Duplex {
  return Duplex.from({ readable: Duplex.from(chunks.filter((chunk) => chunk.length > 0)) } as never);
}

function gatherer(slowness: (() => Promise<void>) | null): {
  sinks: FrameSinks;
  text(of: "stdout" | "stderr"): string;
} {
  const got = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const into = (of: "stdout" | "stderr") => (chunk: Buffer) => {
    if (!slowness) {
      got[of].push(Buffer.from(chunk));
      return undefined;
    }
    // Its bytes are still there after a while.
    return slowness().then(() => void got[of].push(Buffer.from(chunk)));
  };
  return {
    sinks: { stdout: into("stdout"), stderr: into("stderr") },
    text: (of) => Buffer.concat(got[of]).toString("latin1"),
  };
}

const frames = fc.array(
  fc.record({ kind: fc.constantFrom(1, 2), bytes: fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each)) }),
  { maxLength: 12 },
);
const cuts = fc.array(fc.nat(), { maxLength: 20 });
const ticks = [null, () => Promise.resolve(), () => new Promise<void>((done) => void setImmediate(done))];

function textOf(all: readonly Frame[], kind: number): string {
  return Buffer.concat(all.filter((each) => each.kind === kind).map((each) => each.bytes)).toString("latin1");
}

describe("the frames of a container's stream", () => {
  it("give the same bytes however they are cut, to sinks that are slow or not", async () => {
    await fc.assert(
      fc.asyncProperty(frames, cuts, fc.constantFrom(...ticks), async (all, places, slowness) => {
        const { sinks, text } = gatherer(slowness);
        const end = await readFrames(streamOf(split(encode(all), places)), sinks).end;
        expect([end, text("stdout"), text("stderr")]).toEqual(["whole", textOf(all, 1), textOf(all, 2)]);
      }),
    );
  });

  it("are truncated when the stream ends inside one, and nothing that came is lost", async () => {
    await fc.assert(
      fc.asyncProperty(frames, fc.integer({ min: 1, max: 9 }), cuts, async (before, short, places) => {
        const last = { kind: 1, bytes: Buffer.from("12") };
        const whole = encode([...before, last]);
        const { sinks, text } = gatherer(null);
        const cut = whole.subarray(0, whole.length - short);
        expect(await readFrames(streamOf(split(cut, places)), sinks).end).toBe("truncated");
        expect(text("stdout")).toBe(textOf(before, 1) + (short === 1 ? "1" : ""));
      }),
    );
  });

  it.each([
    ["text", Buffer.from("hello, this is a terminal")],
    ["a kind that is none", Buffer.from([3, 0, 0, 0, 0, 0, 0, 1, 65])],
    ["bytes that have to be zero", Buffer.from([1, 0, 1, 0, 0, 0, 0, 1, 65])],
    ["the beginning of one", Buffer.from([72])],
  ])("are desynced by %s in place of a header, and nothing behind it is shown", async (_what, bytes) => {
    const { sinks, text } = gatherer(null);
    const good = encode([{ kind: 1, bytes: Buffer.from("good") }]);
    expect(await readFrames(streamOf([good, bytes]), sinks).end).toBe("desynced");
    expect([text("stdout"), text("stderr")]).toEqual(["good", ""]);
  });

  it("are not read any further while a sink has not taken its piece", async () => {
    const [here, there] = duplexPair({ highWaterMark: 1024 });
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const reading = readFrames(here, {
      stdout: () => (resolve(), new Promise(() => undefined)),
      stderr: () => undefined,
    });
    const chunk = (): Buffer => encode([{ kind: 1, bytes: Buffer.alloc(1000) }]);
    for (let count = 0; count < 100; count++) there.write(chunk());
    await asked;
    for (let turn = 0; turn < 20; turn++) await new Promise((done) => void setImmediate(done));
    expect(there.writableLength).toBeGreaterThan(95_000);
    reading.stop();
    expect(await reading.end).toBe("cut");
    expect(here.destroyed).toBe(true);
    there.destroy();
  });

  it("are cut when the connection breaks", async () => {
    const [here, there] = duplexPair();
    const { sinks, text } = gatherer(null);
    const reading = readFrames(here, sinks);
    there.write(encode([{ kind: 2, bytes: Buffer.from("so far") }]));
    await expect.poll(() => text("stderr")).toBe("so far");
    here.destroy(new Error("broken"));
    expect(await reading.end).toBe("cut");
    there.destroy();
  });

  it("go on when a sink fails", async () => {
    const all = [1, 2, 1].map((kind) => ({ kind, bytes: Buffer.from(`${kind}`) }));
    const { sinks, text } = gatherer(null);
    const failing = { stdout: () => Promise.reject(new Error("full")), stderr: sinks.stderr };
    expect(await readFrames(streamOf([encode(all)]), failing).end).toBe("whole");
    const throwing = {
      stdout: () => {
        throw new Error("full");
      },
      stderr: sinks.stderr,
    };
    expect(await readFrames(streamOf([encode(all)]), throwing).end).toBe("whole");
    expect(text("stderr")).toBe("22");
  });
});
