import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainText } from "../../src/base/text.ts";
import { type Capture, createRecorder } from "../../src/pipeline/capture.ts";
import { type Excerpt, excerpt as excerptWith } from "../../src/pipeline/excerpt.ts";

function excerpt(capture: Capture, most: number): Excerpt {
  return excerptWith(capture, most, { clean: plainText, hint: "narrow the call to see them" });
}

const MARKER = /^\[\.\.\. (-?[\d,]+) bytes left out: .*\]$/;

/** A stream in chunks, recorded with room for `kept` bytes at either end. */
function recorded(bytes: Buffer, kept: number, chunk = 1000): ReturnType<ReturnType<typeof createRecorder>["capture"]> {
  const recorder = createRecorder(kept);
  for (let at = 0; at < bytes.length; at += chunk) void recorder.write(bytes.subarray(at, at + chunk));
  return recorder.capture();
}

/** Head, number of bytes left out, and tail of a cut text. */
function parts({ text }: Excerpt): { head: string; missing: number; tail: string } {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => MARKER.test(line));
  return {
    head: lines.slice(0, at).join("\n"),
    missing: Number((MARKER.exec(lines[at] ?? "")?.[1] ?? "").replaceAll(",", "")),
    tail: lines.slice(at + 1).join("\n"),
  };
}

const LINE = fc.string({ unit: fc.constantFrom("a", "b", " ", "é", "漢", "😀"), maxLength: 40 });
const TEXT = fc
  .record({
    lines: fc.array(LINE, { maxLength: 30 }),
    times: fc.integer({ min: 1, max: 6 }),
    ends: fc.boolean(),
    joint: fc.constantFrom("\n", "\n", ""),
  })
  .map(
    ({ lines, times, ends, joint }) =>
      Array.from({ length: times }, () => lines.join(joint)).join("\n") + (ends ? "\n" : ""),
  );
const MOST = fc.integer({ min: 8, max: 900 });
const CHUNK = fc.integer({ min: 1, max: 300 });

describe("an excerpt", () => {
  it("property: of text it is whole when that fits, else a head and a tail of it at line ends, within the bytes that it may have", () => {
    const seen = { whole: 0, cut: 0, gone: 0 };
    fc.assert(
      fc.property(TEXT, MOST, CHUNK, fc.integer({ min: 1, max: 3 }), (text, most, chunk, room) => {
        const bytes = Buffer.from(text);
        const capture = recorded(bytes, most * room, chunk);
        const result = excerpt(capture, most);
        expect(result.text.isWellFormed()).toBe(true);
        expect(result.invalid).toBe(0);
        expect(result.bytes).toBeLessThanOrEqual(most);
        if (bytes.length <= most) {
          seen.whole++;
          expect(result).toEqual({ text, bytes: bytes.length, cut: false, invalid: 0 });
          return;
        }
        seen[capture.bytes > capture.head.length + capture.tail.length ? "gone" : "cut"]++;
        expect(result.cut).toBe(true);
        const { head, missing, tail } = parts(result);
        const shown = Buffer.byteLength(head) + Buffer.byteLength(tail);
        // The end of the head's last line is what the marker begins with.
        expect([shown, shown + 1]).toContain(result.bytes);
        expect(missing).toBe(bytes.length - result.bytes);
        expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
        const first = text.slice(head.length);
        const last = text.slice(0, text.length - tail.length);
        // At line ends, unless one line alone is longer than its half.
        const half = Math.floor(most / 2);
        if (text.slice(0, half / 4).includes("\n")) expect(first.startsWith("\n")).toBe(true);
        if (tail !== "" && text.slice(-half / 4, -1).includes("\n")) expect(last.endsWith("\n")).toBe(true);
      }),
      { numRuns: 12_000 },
    );
    expect(Math.min(seen.whole, seen.cut, seen.gone)).toBeGreaterThan(1000);
  });

  it("property: of any bytes it is well-formed, within the bytes, and counts what was no text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 1, max: 300 }), CHUNK, (bytes, most, chunk) => {
        const result = excerpt(recorded(Buffer.from(bytes), most, chunk), most);
        expect(result.text.isWellFormed()).toBe(true);
        expect(plainText(result.text)).toBe(result.text);
        expect(result.bytes).toBeLessThanOrEqual(most);
        if (!result.cut) expect(result.text).toBe(plainText(Buffer.from(bytes).toString()));
      }),
      { numRuns: 10_000 },
    );
  });

  it("takes what fits to the last byte, and no more", () => {
    const text = "line\n".repeat(20);
    expect(excerpt(recorded(Buffer.from(text), 100), 100)).toEqual({ text, bytes: 100, cut: false, invalid: 0 });
    const cut = excerpt(recorded(Buffer.from(`${text}!`), 100), 100);
    expect(cut.cut).toBe(true);
    expect(cut.text).toMatch(
      /^(?:line\n)+\[\.\.\. \d+ bytes left out: narrow the call to see them \.\.\.\]\n(?:line\n)+!$/,
    );
  });

  it("a single long line is cut inside, at a character", () => {
    const text = "é".repeat(1000);
    const { head, tail, missing } = parts(excerpt(recorded(Buffer.from(text), 101), 101));
    expect(head).toBe("é".repeat(25));
    expect(tail).toBe("é".repeat(25));
    expect(missing).toBe(1900);
  });

  it("the middle of a stream that was not kept is counted in the bytes of the stream", () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join(""));
    const result = excerpt(recorded(bytes, 1000, 65_536), 1000);
    const { head, missing, tail } = parts(result);
    expect(head.startsWith("0\n1\n2\n") && head.split("\n").every((line, index) => line === String(index))).toBe(true);
    expect(tail.endsWith("\n99998\n99999\n")).toBe(true);
    expect(missing).toBe(bytes.length - result.bytes);
    expect(result.bytes).toBeGreaterThan(900);
  });

  it("sequences that are stripped do not count against the bytes", () => {
    const text = "\u001b[31mred\u001b[0m\n".repeat(20);
    expect(excerpt(recorded(Buffer.from(text), 200), 100)).toMatchObject({
      text: "red\n".repeat(20),
      bytes: 80,
      cut: false,
    });
  });

  it("bytes that are no text grow by being shown, and count as shown", () => {
    const result = excerpt(recorded(Buffer.alloc(50, 0xff), 100), 100);
    expect(result.bytes).toBeLessThanOrEqual(100);
    expect(result).toMatchObject({ cut: true, invalid: 50 });
  });

  it("a character that the recorder cut in two where the middle is missing is dropped, not shown as damage", () => {
    for (let kept = 20; kept < 28; kept++)
      expect(excerpt(recorded(Buffer.from("😀".repeat(100)), kept), kept * 2).text).not.toContain("\uFFFD");
  });
});
