import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor, isSecretName, redact } from "../../src/base/secret.ts";
import { plainText } from "../../src/base/text.ts";
import type { Command } from "../../src/command/command.ts";
import type { HookBody } from "../../src/command/webhook.ts";
import { renderBody } from "../../src/executors/webhook/body.ts";
import { encoded, renderUrl } from "../../src/executors/webhook/url.ts";
import { MARK, reference } from "./secret-oracle.ts";

/** What the output of chunks is, as one. */
function inChunks(bytes: Buffer, cuts: readonly number[], secrets: readonly string[]): Buffer {
  const redactor = createRedactor(secrets);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  const out = places.slice(1).map((end, index) => Buffer.from(redactor.write(bytes.subarray(places[index], end))));
  return Buffer.concat([...out, redactor.end()]);
}

/** Few letters, so that secrets overlap, repeat, contain each other and begin in each other's middle. */
const LETTERS = fc.constantFrom("a", "b", "é", "😀");
const SECRET = fc.string({ unit: LETTERS, minLength: 1, maxLength: 7 });
const SECRETS = fc.array(SECRET, { minLength: 0, maxLength: 4 });
const CUTS = fc.array(fc.nat(4000), { maxLength: 12 });
const TEXT = SECRETS.chain((secrets) =>
  fc.record({
    secrets: fc.constant(secrets),
    text: fc.array(
      fc.oneof(
        fc.string({ unit: LETTERS, maxLength: 6 }),
        fc.constantFrom("", "x", ...secrets),
        fc.constantFrom("", ...secrets).map((secret) => secret.slice(0, -1)),
      ),
      { maxLength: 12 },
    ),
    tail: fc.uint8Array({ maxLength: 3 }),
    cuts: CUTS,
  }),
);

const SPLIT_SECRETS = ["abab", "abcab", "a31m", "ab\u200Bcd", "cd ab", "0123456789abcdef", "ab 0123456789 abcdef"];
/** Pieces of secrets, of sequences and of what only looks like one. */
const PIECES = fc.oneof(
  fc.constantFrom("a", "b", "ab", "c", "cd", "31m", "0123456789", "abcdef", "a31m", "abab", "x", "é", "\u2019"),
  fc.constantFrom(
    "\x1B[31m",
    "\x1B[",
    "\x1B",
    "\u009B",
    "\u009B0m",
    "\x1B]",
    "\x1BP",
    "\u009D",
    "\x1B(B",
    "\x1B(",
    "\x1Bc",
  ),
  fc.constantFrom("\x07", "\x1B\\", "\u009C", "\0", "\r\n", "\r", "\u200B", "\u{E0041}", "\u00AD", "\u0600", "\x7F"),
  fc.constantFrom(" ", "\n", "\t", "[", "]", "\\", "0", "m"),
);
const BROKEN = fc
  .tuple(fc.constantFrom(...SPLIT_SECRETS), fc.array(PIECES, { maxLength: 3 }), fc.nat(18), fc.nat(18))
  .map(([secret, inside, from, to]) => secret.slice(0, from) + inside.join("") + secret.slice(Math.min(from, to)));
const SPLIT = fc.record({
  secrets: fc.subarray(SPLIT_SECRETS, { minLength: 1 }),
  pieces: fc.array(fc.oneof(PIECES, BROKEN), { maxLength: 12 }),
  cuts: CUTS,
});

describe("a stream of bytes", () => {
  it("property: output in chunks is the whole's output, and no secret is left", () => {
    let runs = 0;
    let hits = 0;
    fc.assert(
      fc.property(TEXT, ({ secrets, text, tail, cuts }) => {
        runs++;
        const bytes = Buffer.concat([Buffer.from(text.join("")), tail]);
        const whole = inChunks(bytes, [], secrets);
        expect(inChunks(bytes, cuts, secrets).equals(whole)).toBe(true);
        expect(whole.equals(reference(bytes, secrets))).toBe(true);
        const left = whole.toString("latin1").split(MARK);
        if (left.length > 1) hits++;
        for (const secret of secrets.filter((each) => each.length >= 4)) {
          const needle = Buffer.from(secret).toString("latin1");
          expect(left.some((piece) => piece.includes(needle))).toBe(false);
        }
      }),
      { numRuns: 10_000 },
    );
    expect(runs).toBeGreaterThanOrEqual(10_000);
    expect(hits).toBeGreaterThan(2500);
  });

  it("property: a secret is found across what plainText removes, a long one across white space, and no other", () => {
    let hits = 0;
    let runs = 0;
    fc.assert(
      fc.property(SPLIT, ({ secrets, pieces, cuts }) => {
        runs++;
        const bytes = Buffer.from(pieces.join(""));
        const whole = inChunks(bytes, [], secrets);
        expect(whole.toString("latin1")).toBe(reference(bytes, secrets).toString("latin1"));
        expect(inChunks(bytes, cuts, secrets).equals(whole)).toBe(true);
        if (whole.includes(MARK)) hits++;
        const shown = plainText(whole.toString()).split(MARK);
        for (const secret of secrets.map(plainText)) {
          expect(shown.some((piece) => piece.includes(secret))).toBe(false);
          if (secret.length >= 16)
            expect(shown.some((piece) => piece.replaceAll(/\s/g, "").includes(secret))).toBe(false);
        }
      }),
      { numRuns: 10_000 },
    );
    expect(runs).toBeGreaterThanOrEqual(10_000);
    expect(hits).toBeGreaterThan(2500);
  });

  it.each([
    ["a colour", "hun\x1B[0;31mter2", MARK],
    ["the title of a window", "hunt\x1B]0;any title\x07er2", MARK],
    ["a link", "hu\x1B]8;;http://x\x1B\\nter2", MARK],
    ["C1 controls", "hu\u009B31mnter\u00902;1\u009C2", MARK],
    ["invisible characters", "h\u200Bu\u2060n\u{E0041}t\u00ADe\u202Er\uFEFF2", MARK],
    ["NULs, as in UTF-16", Buffer.from(" hunter2 ", "utf16le").toString(), ` \0${MARK}\0 \0`],
    ["a carriage return and a backspace", "hunt\r\ber2", MARK],
    ["a sequence that is none", "hunt\x1B[31\ner2", "hunt\x1B[31\ner2"],
    ["visible characters of more bytes", "hunt\u2019er2 hunt\u00E9er2", "hunt\u2019er2 hunt\u00E9er2"],
    ["white space, as it is short", "hunt er2 hunt\ner2", "hunt er2 hunt\ner2"],
    ["what stands before and behind it", "\x1B[1mhunter2\x1B[0m\u200B", `\x1B[1m${MARK}\x1B[0m\u200B`],
    ["4 KiB of what is removed", `hunt${"\0".repeat(4096)}er2`, MARK],
    ["more than that, which is too much", `hunt${"\0".repeat(4097)}er2`, `hunt${"\0".repeat(4097)}er2`],
  ])("a short secret with %s inside", (_what, text, expected) => {
    const bytes = Buffer.from(text);
    const cuts = Array.from(bytes, (_byte, index) => index);
    expect(redact(text, ["hunter2"])).toBe(expected);
    expect(inChunks(bytes, cuts, ["hunter2"]).toString()).toBe(expected);
  });

  const pem = `-----BEGIN KEY-----\n${"MIIEvQ+BADANBg/kqhkiG9w0BAQEFAASC\n".repeat(5)}-----END KEY-----`;
  const wrapped = (text: string, columns: number): string => text.replaceAll(new RegExp(`.{${columns}}`, "g"), "$&\n");

  it.each([
    ["wrapped base64", wrapped(Buffer.from(pem).toString("base64"), 76)],
    ["wrapped hexadecimal", wrapped(Buffer.from(pem).toString("hex"), 60)],
    ["an indented text", pem.replaceAll(/^/gm, "  ").slice(2)],
    ["one line", pem.replaceAll("\n", " ")],
    ["lines that end with CRLF, folded", wrapped(pem, 20).replaceAll("\n", "\r\n")],
    ["JSON", JSON.stringify(pem).slice(1, -1)],
  ])("a long secret as %s", (_what, text) => {
    expect(redact(`${text}\n`, [pem])).toMatch(/^\[redacted\]=*\n$/);
  });

  it("every cut of a text between two chunks gives the same, and so does one byte at a time", () => {
    const secrets = ["hunter2", "hunter2-long", "unter", "é€😀é", "aaaa"];
    const bytes = Buffer.from("x hunter2-lon hunter2-long hhunter unterunter é€😀é aaaaaaa end hunter");
    const whole = redact(bytes.toString(), secrets);
    expect(whole).toBe(`x ${MARK}-lon ${MARK} hh${MARK} ${MARK}${MARK} ${MARK} ${MARK}aaa end h${MARK}`);
    for (let cut = 0; cut <= bytes.length; cut++) expect(inChunks(bytes, [cut], secrets).toString()).toBe(whole);
    const single = inChunks(
      bytes,
      Array.from({ length: bytes.length }, (_, index) => index),
      secrets,
    );
    expect(single.toString()).toBe(whole);
  });

  it("holds back no more than a secret's length, and gives the rest at once", () => {
    const redactor = createRedactor(["hunter2"]);
    expect(redactor.write(Buffer.from("line\nhun")).toString()).toBe("line\n");
    expect(redactor.write(Buffer.from("ger")).toString()).toBe("hunger");
    expect(redactor.write(Buffer.from("hunter")).toString()).toBe("");
    expect(redactor.write(Buffer.from("2!")).toString()).toBe(`${MARK}!`);
    expect(redactor.write(Buffer.from("hunt")).toString()).toBe("");
    expect(redactor.end().toString()).toBe("hunt");
  });

  it("begins anew behind the end", () => {
    const redactor = createRedactor(["hunter2"]);
    for (const [text, out] of [
      ["hun", "hun"],
      ["ter2 hunter2 \x1B]", `ter2 ${MARK} \x1B]`],
      ["hunt\u200Ber2", MARK],
    ] as const)
      expect(Buffer.concat([redactor.write(Buffer.from(text)), redactor.end()]).toString()).toBe(out);
  });

  it("learns a secret while it runs, also one that begins in what is held back", () => {
    // Nothing is held back where nothing is sought.
    for (const [before, second] of [
      [[], "hunter3"],
      [["hunter2"], MARK],
    ] as const) {
      const redactor = createRedactor(before);
      const out = [redactor.write(Buffer.from("hunter3 hunt"))];
      redactor.learn("hunter3");
      redactor.learn("abc");
      out.push(redactor.write(Buffer.from("er3 hun")), redactor.write(Buffer.from("ter3 abc hunt")), redactor.end());
      out.push(redactor.write(Buffer.from("er3 hunter3")), redactor.end());
      expect(Buffer.concat(out).toString()).toBe(`hunter3 ${second} ${MARK} abc hunter3 ${MARK}`);
    }
  });

  it("passes on what it is given when there is no secret, and what is shorter than four characters is none", () => {
    expect(redact("abc abc", [])).toBe("abc abc");
    expect(redact("abc abc", ["", "a", "abc"])).toBe("abc abc");
    expect(redact("abcd", ["abcd"])).toBe(MARK);
  });

  it("keeps bytes that are no text as they are", () => {
    const bytes = Buffer.from([0xff, 0xfe, 0, 0x80, ...Buffer.from("token"), 0xc3]);
    expect(inChunks(bytes, [6, 7], ["token"])).toEqual(
      Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0x80]), Buffer.from(MARK), Buffer.from([0xc3])]),
    );
  });

  it.each([
    ["many hits of one and none of another", ["abcd", "no such secret"], "abcd".repeat(64 * 1024)],
    [
      "one of twenty all the time",
      Array.from({ length: 20 }, (_, index) => `hunter-number-${index}`),
      "hunter-number-7\n".repeat(64 * 1024),
    ],
    ["nothing but what is removed", ["hunter2"], "h\x1B]\u200B\0".repeat(64 * 1024)],
    ["a long secret of one letter, with NULs", [`${"a".repeat(100_000)}b`], "a\0".repeat(128 * 1024)],
    ["a long secret of one letter", [`${"a".repeat(100_000)}b`], "a".repeat(256 * 1024)],
    [
      "many secrets",
      Array.from({ length: 300 }, (_, index) => `secret-number-${index}`),
      "secret-number-x ".repeat(16 * 1024),
    ],
  ])("takes time in proportion to the output: %s", (_what, secrets, text) => {
    const bytes = Buffer.from(text);
    const started = performance.now();
    const redactor = createRedactor(secrets);
    for (let at = 0; at < bytes.length; at += 65_536) redactor.write(bytes.subarray(at, at + 65_536));
    redactor.end();
    expect(performance.now() - started).toBeLessThan(1500);
  });
});

function xmlText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

describe("the encodings of a secret", () => {
  const secret = fc.string({ unit: "grapheme", minLength: 8, maxLength: 40 }).filter((text) => text.isWellFormed());

  it.each([
    ["JSON", (text: string) => JSON.stringify(text)],
    ["a URL", (text: string) => encodeURIComponent(text)],
    [
      "a URL in small letters",
      (text: string) => encodeURIComponent(text).replaceAll(/%../g, (code) => code.toLowerCase()),
    ],
    ["a form", (text: string) => new URLSearchParams({ text }).toString()],
    ["a path or a query", encoded],
    ["a query as WHATWG writes it", (text: string) => new URL(`http://x/?${encoded(text)}`).search.slice(1)],
    ["a text of XML", xmlText],
    ["an attribute of XML", (text: string) => xmlText(text).replaceAll('"', "&quot;").replaceAll("'", "&apos;")],
    ["hexadecimal", (text: string) => Buffer.from(text).toString("hex")],
    ["base64", (text: string) => Buffer.from(text).toString("base64")],
    ["base64 for URLs", (text: string) => Buffer.from(text).toString("base64url")],
  ])("property: are redacted in %s, wherever the secret stands and wherever it is cut", (name, encode) => {
    fc.assert(
      fc.property(
        secret,
        fc.string({ maxLength: 5 }),
        fc.string({ maxLength: 5 }),
        CUTS,
        (text, before, after, cuts) => {
          const bytes = Buffer.from(encode(before.toWellFormed() + text + after.toWellFormed()));
          const out = inChunks(bytes, cuts, [text]).toString();
          expect(out).toContain(MARK);
          if (!name.startsWith("base64")) expect(out).not.toContain(encode(text).replaceAll(/^"|"$|^text=/g, ""));
          // What is left beside it are the characters that its neighbours share: too few to tell a byte of it.
          else expect(out.replace(MARK, "").length).toBeLessThanOrEqual(encode(before + after).length + 8);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("property: are redacted in every body and URL that a webhook writes", () => {
    const nasty = fc.string({
      unit: fc.constantFrom(...Array.from("ab %&'()!*<>\"~+/=?#\\,;\n\té😀")),
      minLength: 8,
      maxLength: 30,
    });
    const template = [{ param: "k" }];
    fc.assert(
      fc.property(
        nasty.filter((text) => /[^\s.]/.test(text)),
        (text) => {
          const command = {
            params: [{ name: "k", join: null }],
            inputSchema: { properties: {} },
          } as unknown as Command;
          const given = new Map([["k", text]]);
          const filling = { command, given, values: given };
          const value = { kind: "text", template } as const;
          const map = { kind: "map", entries: [["@a", value]] } as const;
          const bodies: readonly HookBody[] = [
            { format: "json", value },
            { format: "form", fields: [["k", value]] },
            { format: "xml", root: "k", value },
            { format: "xml", root: "k", value: map },
            { format: "markup", template },
            { format: "text", template },
          ];
          for (const body of bodies) expect(redact(renderBody(body, filling)?.text ?? "", [text])).toContain(MARK);
          const { url } = renderUrl({ origin: "http://x", segments: [["a"]], query: [["k", template]] }, filling);
          expect([redact(url, [text]), redact(new URL(url).href, [text])]).toEqual(
            Array(2).fill(`http://x/a?k=${MARK}`),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("are found in the query of a URL as its reader writes it", () => {
    for (const word of ["p@ss'word!", "pa ss/wo&rd'(s)!", "o'neil+(x)", "a'b(c)&d"]) {
      const { href } = new URL(`http://127.0.0.1/?k=${encodeURIComponent(word)}`);
      for (const text of [href, href.replaceAll(/%../g, (code) => code.toLowerCase())])
        expect(redact(text, [word])).toBe("http://127.0.0.1/?k=[redacted]");
    }
  });

  it("are found where JSON or CSV doubles quotes, also of a short one", () => {
    expect(redact('a\\"bc "a""bc" a"bc', ['a"bc'])).toBe(`${MARK} "${MARK}" ${MARK}`);
  });

  it("are not looked for where they are too short to mean anything", () => {
    expect(redact("YWJjZA== and 61626364", ["abcd"])).toBe(`YWJjZA== and ${MARK}`);
  });
});

it.each([
  ["GITHUB_TOKEN", true],
  ["aws_secret_access_key", true],
  ["DB_PASSWORD", true],
  ["API_KEY_ID", true],
  ["HOME", false],
  ["PATH", false],
])("whether %s is the name of a secret: %s", (name, isSecret) => {
  expect(isSecretName(name)).toBe(isSecret);
});
