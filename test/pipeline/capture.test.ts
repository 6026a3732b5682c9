import fc from "fast-check";
import { expect, it } from "vitest";
import { type Capture, createRecorder } from "../../src/pipeline/capture.ts";
import { type Spool, openSpool } from "../../src/pipeline/spool.ts";

const MIB = 1024 * 1024;

const CHUNKS = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 40 });

it("property: however a stream is cut, its first and its last bytes are kept, and none of its chunks", () => {
  fc.assert(
    fc.property(CHUNKS, fc.integer({ min: 1, max: 300 }), (chunks, most) => {
      const recorder = createRecorder(most);
      const whole = Buffer.concat(chunks);
      for (const chunk of chunks) {
        const lent = Buffer.from(chunk);
        void recorder.write(lent);
        lent.fill(0);
      }
      const { head, tail, bytes } = recorder.capture();
      expect(bytes).toBe(whole.length);
      expect(head).toEqual(whole.subarray(0, most));
      expect(tail).toEqual(whole.subarray(Math.max(head.length, whole.length - most)));
    }),
    { numRuns: 5000 },
  );
});

it("what was captured stays as it is while more comes", () => {
  const recorder = createRecorder(4);
  for (const text of ["abc", "defgh"]) void recorder.write(Buffer.from(text));
  const before = recorder.capture();
  void recorder.write(Buffer.from("ijklm"));
  expect([before.head, before.tail].map(String)).toEqual(["abcd", "efgh"]);
  expect([recorder.capture().head, recorder.capture().tail].map(String)).toEqual(["abcd", "jklm"]);
});

it("property: nor is any byte lost of much, which is on the disk, when that fails at any time or it is closed early", async () => {
  const most = fc.integer({ min: MIB + 1, max: 2 * MIB });
  const sizes = fc.array(fc.integer({ min: 0, max: MIB / 2 }), { maxLength: 16 });
  await fc.assert(
    fc.asyncProperty(most, sizes, fc.integer({ min: 0, max: 24 }), async (kept, lengths, writes) => {
      const recorder = createRecorder(kept, () => failingAfter(writes));
      const whole = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, 0));
      for (let at = 0; at < whole.length; at++) whole[at] = (at * 7919) >> 8;
      let at = 0;
      for (const length of lengths) {
        const lent = Buffer.from(whole.subarray(at, (at += length)));
        const pressure = recorder.write(lent);
        if (at % 3 === 0) expectKept(recorder.capture(), whole.subarray(0, at), kept);
        if (at % 17 === 0) recorder.close();
        await pressure;
        lent.fill(0);
      }
      recorder.close();
      expectKept(recorder.capture(), whole, kept);
    }),
    { numRuns: 25 },
  );
});

it("holds little memory of little output and of much", async () => {
  const most = 8 * MIB;
  const before = process.memoryUsage().arrayBuffers;
  const small = createRecorder(most);
  await small.write(Buffer.from("a line\n"));
  const recorder = createRecorder(most);
  const chunk = Buffer.alloc(64 * 1024);
  for (let written = 0; written < 10 * most; written += chunk.length) await recorder.write(chunk);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * most);
  recorder.close();
  expect(recorder.capture().bytes).toBe(10 * most);
  expect(small.capture().bytes).toBe(7);
});

it("keeps what is much in memory where there is no place for it on the disk", () => {
  const recorder = createRecorder(2 * MIB, () => openSpool("/nowhere"));
  for (let written = 0; written < 8; written++) expect(recorder.write(Buffer.alloc(MIB / 2, written))).toBeUndefined();
  const { head, tail, bytes } = recorder.capture();
  expect([head.length, head[0], tail.length, tail.at(-1), bytes]).toEqual([2 * MIB, 0, 2 * MIB, 7, 4 * MIB]);
});

function expectKept({ head, tail, bytes }: Capture, whole: Buffer, most: number): void {
  expect(bytes).toBe(whole.length);
  expect(head.equals(whole.subarray(0, most))).toBe(true);
  expect(tail.equals(whole.subarray(Math.max(head.length, whole.length - most)))).toBe(true);
}

/** On a disk that becomes full. */
function failingAfter(writes: number): Spool | null {
  const spool = openSpool();
  let left = writes;
  return (
    spool && { ...spool, write: (...what) => (left-- > 0 ? spool.write(...what) : Promise.reject(new Error("full"))) }
  );
}
