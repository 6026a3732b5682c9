import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor, isSecretName, redact } from "../../src/base/secret.ts";

const MARK = "[redacted]";

/** What the output of chunks is, as one. */
function inChunks(bytes: Buffer, cuts: readonly number[], secrets: readonly string[]): Buffer {
  const redactor = createRedactor(secrets);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  const out = places.slice(1).map((end, index) => Buffer.from(redactor.write(bytes.subarray(places[index], end))));
  return Buffer.concat([...out, redactor.end()]);
}

/** The definition, written again in the slowest way: at each place the longest secret that begins there is replaced. */
function reference(bytes: Buffer, secrets: readonly string[]): Buffer {
  const needles = secrets
    .filter((secret) => secret.length >= 4)
    .map((secret) => Buffer.from(secret))
    .toSorted((a, b) => b.length - a.length);
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const here = needles.find((needle) => bytes.subarray(at, at + needle.length).equals(needle));
    out.push(here ? Buffer.from(MARK) : bytes.subarray(at, at + 1));
    at += here?.length ?? 1;
  }
  return Buffer.concat(out);
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
      { numRuns: 25_000 },
    );
    expect(runs).toBeGreaterThanOrEqual(20_000);
    expect(hits).toBeGreaterThan(5000);
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

describe("the encodings of a secret", () => {
  const secret = fc.string({ unit: "grapheme", minLength: 8, maxLength: 40 }).filter((text) => text.isWellFormed());

  it.each([
    ["JSON", (text: string) => JSON.stringify(text)],
    ["a URL", (text: string) => encodeURIComponent(text)],
    [
      "a URL in small letters",
      (text: string) => encodeURIComponent(text).replaceAll(/%../g, (code) => code.toLowerCase()),
    ],
    ["a form", (text: string) => new URLSearchParams({ text }).toString().replaceAll(/%(21|27|28|29|7E)/g, unescape)],
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
      { numRuns: 2000 },
    );
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
