import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, plainText } from "../../src/base/text.ts";

const WHOLE = { start: false, end: false };
const ESC = "\u001b";

const UNREADABLE = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2069],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
] as const;

function isUnreadable(character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  return UNREADABLE.some(([first, last]) => point >= first && point <= last);
}

describe("decode", () => {
  it.each(["€", "é", "😀", "𝒳", "a", "漢", "\u0800", "\u{10ffff}", "\u007f", "\u07ff", "\uffff"])(
    "every cut of %j between two characters drops it on both sides, and counts nothing",
    (character) => {
      const bytes = Buffer.from(`x${character}y`);
      const size = Buffer.byteLength(character);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const head = decode(bytes.subarray(0, cut), { start: false, end: true });
        const tail = decode(bytes.subarray(cut), { start: true, end: false });
        expect(head).toEqual({
          text: `x${character}y`.slice(
            0,
            cut < 1 ? 0 : cut < 1 + size ? 1 : cut === 1 + size ? 1 + character.length : undefined,
          ),
          invalid: 0,
        });
        expect(tail).toEqual({
          text: cut === 0 ? `x${character}y` : cut === 1 ? `${character}y` : cut <= 1 + size ? "y" : "",
          invalid: 0,
        });
      }
    },
  );

  it("counts what is no UTF-8, and not a U+FFFD that the program printed itself", () => {
    expect(decode(Buffer.from("a\uFFFDb"), WHOLE)).toEqual({ text: "a\uFFFDb", invalid: 0 });
    expect(decode(Buffer.from([0x61, 0xff, 0x62]), WHOLE)).toEqual({ text: "a\uFFFDb", invalid: 1 });
    expect(decode(Buffer.from([0xe2, 0xef, 0xbf, 0xbd, 0x80]), WHOLE).invalid).toBe(2);
    expect(decode(Buffer.from([0xe2, 0x82]), WHOLE)).toEqual({ text: "\uFFFD", invalid: 1 });
    expect(decode(Buffer.from([0xc0, 0xaf]), WHOLE).invalid).toBe(2);
    expect(decode(Buffer.from([0xed, 0xa0, 0x80]), WHOLE).invalid).toBe(3);
  });

  it("a stray byte at a cut is not taken for a character's half", () => {
    expect(decode(Buffer.from([0x61, 0xff]), { start: false, end: true })).toEqual({ text: "a\uFFFD", invalid: 1 });
    expect(decode(Buffer.alloc(5, 0x80), { start: true, end: false }).invalid).toBe(2);
  });

  it("property: any text in any two pieces keeps all but the character that was cut", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\uFFFD", "")),
        fc.nat(),
        (text, where) => {
          const bytes = Buffer.from(text);
          const cut = where % (bytes.length + 1);
          const head = decode(bytes.subarray(0, cut), { start: false, end: true });
          const tail = decode(bytes.subarray(cut), { start: true, end: false });
          expect(text.startsWith(head.text) && text.endsWith(tail.text)).toBe(true);
          expect(head.invalid + tail.invalid).toBe(0);
          expect(
            Buffer.byteLength(text) - Buffer.byteLength(head.text) - Buffer.byteLength(tail.text),
          ).toBeLessThanOrEqual(4);
          if (cut === bytes.length) expect(head.text).toBe(text);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});

describe("plainText", () => {
  it.each([
    ["plain text with tab and newline", "a\tb\nc", "a\tb\nc"],
    ["colours", `${ESC}[31mred${ESC}[0m ${ESC}[1;4;38;5;196mx${ESC}[m`, "red x"],
    ["true colour with colons", `${ESC}[38:2::255:0:0mx`, "x"],
    ["cursor and screen", `${ESC}[2J${ESC}[H${ESC}[10;20Hx${ESC}[K${ESC}[?25l`, "x"],
    ["the 8-bit introducer", "\u009b31mred\u009b0m", "red"],
    ["a link, closed by ST", `${ESC}]8;;https://evil.example${ESC}\\text${ESC}]8;;${ESC}\\`, "text"],
    ["a link, closed by BEL", `${ESC}]8;;https://evil.example\u0007text${ESC}]8;;\u0007`, "text"],
    ["a title", `${ESC}]0;title\u0007x`, "x"],
    ["the clipboard, OSC 52", `${ESC}]52;c;cm0gLXJmIC8=\u0007x`, "x"],
    ["the clipboard, 8-bit, closed by the 8-bit ST", "\u009d52;c;cm0gLXJmIC8=\u009cx", "x"],
    ["a device control string", `a${ESC}P1;2|payload${ESC}\\b`, "ab"],
    ["an application command", `a${ESC}_Gpayload${ESC}\\b`, "ab"],
    ["a privacy message", `a${ESC}^payload${ESC}\\b`, "ab"],
    ["a start of string", `a${ESC}Xpayload${ESC}\\b`, "ab"],
    ["CRLF", "a\r\nb\r\n", "a\nb\n"],
    ["backspace, bell, delete, NUL", "a\u0008b\u0007c\u007fd\u0000e", "abcde"],
    ["C1 controls", "a\u0085b\u0080c\u0081d", "abcd"],
    ["right-to-left override", "user\u202Etxt.exe", "usertxt.exe"],
    ["isolates and marks", "a\u2066b\u2067c\u2068d\u2069e\u200Ef\u200Fg\u061Ch", "abcdefgh"],
    ["zero-width characters", "a\u200Bb\u200Cc\u200Dd\u2060e\uFEFFf\u00ADg\u180Eh", "abcdefgh"],
    ["tag characters, which spell hidden text", "a\u{E0001}\u{E0069}\u{E0067}\u{E007F}b", "ab"],
    ["interlinear annotation", "a\uFFF9b\uFFFAc\uFFFBd", "abcd"],
    ["letters of every script, and pictures", "é漢字 العربية עברית 😀 ñ", "é漢字 العربية עברית 😀 ñ"],
  ])("%s", (_what, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it("a control string that is cut off by the end of its line does not swallow the lines after it", () => {
    expect(plainText(`before\n${ESC}]0;title without an end\nafter`)).toMatch(/^before\n[\s\S]*\nafter$/);
    expect(plainText("before\n\u0090payload\nafter")).toMatch(/^before\n[\s\S]*\nafter$/);
  });

  it("property: nothing unreadable is left of any mixture, and what is readable stays", () => {
    const pieces = fc.constantFrom(
      ESC,
      "[",
      "]",
      "P",
      "_",
      "0;",
      "31m",
      "\u0007",
      "\\",
      "\u009b",
      "\u009c",
      "\u009d",
      "\u0090",
      "\u202e",
      "\u200b",
      "\u0000",
      "\u0008",
      "\r",
      "\n",
      "\t",
      "x",
      "é",
      "😀",
      "\u{E0041}",
      "8;;",
      "?25l",
      "(B",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 24 }), (some) => {
        const plain = plainText(some.join(""));
        expect(Array.from(plain).filter(isUnreadable)).toEqual([]);
        expect(plain.isWellFormed()).toBe(true);
        expect(plainText(plain)).toBe(plain);
      }),
      { numRuns: 10_000 },
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from("abc \n\té漢😀[](){};:\\\"'<>")), maxLength: 60 }),
        (text) => {
          expect(plainText(text)).toBe(text);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  // 64 KiB are what is kept of a stream by default; a reader of 8 MiB must not stop the server either.
  it.each([
    ["OSC starts", `${ESC}]`.repeat(32_000)],
    ["OSC starts, then a stray escape", `${`${ESC}]`.repeat(32_000)}${ESC}x`],
    ["8-bit OSC starts, then a stray escape", `${"\u009d".repeat(32_000)}${ESC}x`],
    ["8-bit device control starts", `${"\u0090".repeat(32_000)}${ESC}x`],
    ["CSI starts", `${ESC}[`.repeat(32_000)],
    ["8-bit CSI and semicolons", `\u009b${";".repeat(64_000)}`],
    ["links without an end", `${ESC}]8;;aaa`.repeat(8000)],
    ["brackets", `${ESC}${"[".repeat(64_000)}`],
    ["numbers without an end", `${ESC}[${"1;".repeat(32_000)}!`],
    ["carriage returns", "\r".repeat(64_000)],
  ])("takes time in proportion to the text: %s", (_what, text) => {
    const started = performance.now();
    plainText(text);
    expect(performance.now() - started).toBeLessThan(250);
  });
});
