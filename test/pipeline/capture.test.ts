import fc from "fast-check";
import { expect, it } from "vitest";
import { createRecorder } from "../../src/pipeline/capture.ts";

const CHUNKS = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 40 });

it("property: however a stream is cut, its first and its last bytes are kept, and none of its chunks", () => {
  fc.assert(
    fc.property(CHUNKS, fc.integer({ min: 1, max: 300 }), (chunks, most) => {
      const recorder = createRecorder(most);
      const whole = Buffer.concat(chunks);
      for (const chunk of chunks) {
        const lent = Buffer.from(chunk);
        recorder.write(lent);
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
  for (const text of ["abc", "defgh"]) recorder.write(Buffer.from(text));
  const before = recorder.capture();
  recorder.write(Buffer.from("ijklm"));
  expect([before.head, before.tail].map(String)).toEqual(["abcd", "efgh"]);
  expect([recorder.capture().head, recorder.capture().tail].map(String)).toEqual(["abcd", "jklm"]);
});

it("of little output it holds little, and of much twice what it keeps", () => {
  const most = 8 * 1024 * 1024;
  const before = process.memoryUsage().arrayBuffers;
  const small = createRecorder(most);
  small.write(Buffer.from("a line\n"));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  const recorder = createRecorder(most);
  const chunk = Buffer.alloc(64 * 1024);
  for (let written = 0; written < 10 * most; written += chunk.length) recorder.write(chunk);
  expect(recorder.capture().bytes).toBe(10 * most);
  expect(small.capture().bytes).toBe(7);
});
