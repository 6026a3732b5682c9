import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seenText, unseenIn, visibleText, visibleWord } from "../../src/base/visible.ts";

/** Plain text with what is meant to deceive. */
const tricky = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      "\n",
      "\r",
      "\t",
      "\u001B",
      "\u0085",
      "\u00A0",
      "\u00AD",
      "\u200B",
      "\u200E",
      "\u202E",
      "\u2066",
      "\u2028",
      "\u2800",
      "\u3164",
      "\uFEFF",
      "\uFE0F",
      "\u{E0041}",
    ),
    fc.constantFrom("'", '"', "\\", "$", "<", ">", " ", "`"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
});

const HIDDEN = /[\p{C}\p{DI}\p{Zl}\p{Zp}\u2800]|(?! )\p{Zs}/u;

describe("a value that is shown", () => {
  test("holds nothing that cannot be seen, whatever it is", () => {
    fc.assert(
      fc.property(tricky, (text) => {
        expect(visibleWord(text)).not.toMatch(HIDDEN);
        expect(visibleText(text)).not.toMatch(HIDDEN);
      }),
    );
  });

  test("is shown otherwise than every other value", () => {
    fc.assert(
      fc.property(tricky, tricky, (one, other) => {
        fc.pre(one !== other);
        expect(visibleWord(one)).not.toBe(visibleWord(other));
        expect(visibleText(one)).not.toBe(visibleText(other));
      }),
    );
  });

  test("is as it is where it is plain", () => {
    expect(visibleText("feature/x of Jürgen 🎉")).toBe("feature/x of Jürgen 🎉");
    expect(visibleText("a\nfolder: /safe")).toBe(String.raw`"a\u{a}folder: /safe"`);
    expect(visibleText("<!-- ")).toBe('"<!-- "');
    expect(visibleText("")).toBe('""');
  });

  test("as a word of a shell is what bash reads", () => {
    const words = ["plain", "", "it's", "a\nb", "x\u202Ey", "$HOME `id`", "tab\t\\'", "\u{E0041}\u3164"];
    const script = `printf '%s\\0' ${words.map(visibleWord).join(" ")}`;
    const read = execFileSync("bash", ["-c", script], { env: { ...process.env, LC_ALL: "C.UTF-8" } }).toString();
    expect(read.split("\0").slice(0, -1)).toEqual(words);
  });
});

describe("a text that is shown as it is", () => {
  test("keeps all that is seen, and once cleaned it is clean", () => {
    fc.assert(
      fc.property(tricky, (text) => {
        const once = seenText(text);
        expect(seenText(once)).toBe(once);
        expect(unseenIn(once)).toEqual([]);
        expect(once).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u2060\uFEFF\u{E0000}-\u{E0FFF}]/u);
      }),
    );
    const plain = fc.string({
      unit: fc.constantFrom("a", "ä", "…", "漢", "ب", "\n", "\t", " ", "1️⃣", "👩‍💻", "👍🏽", "نامه‌ای"),
    });
    fc.assert(
      fc.property(plain, (text) => {
        expect(seenText(text)).toBe(text);
      }),
    );
  });

  test("loses joiners and looks where there is nothing to join", () => {
    expect(seenText("a\u200Db\u200Cc\uFE0F")).toBe("abc");
    expect(seenText("👩\u200D")).toBe("👩");
    expect(seenText("❤\uFE0F\uFE0F")).toBe("❤\uFE0F");
  });
});
