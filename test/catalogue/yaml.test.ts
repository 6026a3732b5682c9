import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { dump } from "js-yaml";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../src/base/problem.ts";
import { type Node, toValue } from "../../src/catalogue/node.ts";
import { createReport } from "../../src/catalogue/report.ts";
import { parseYaml } from "../../src/catalogue/yaml.ts";

interface Parsed {
  readonly root: Node | undefined;
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

function parse(text: string): Parsed {
  const report = createReport();
  const root = parseYaml({ file: "a.yaml", path: "/a.yaml", text, worldWritable: false }, report);
  return { root, value: root && toValue(root), problems: report.problems };
}

const flat = (count: number): string => `a: &x 1\nb: [${Array.from({ length: count }, () => "*x").join(", ")}]`;

describe("a YAML document", () => {
  it.each<[string, unknown]>([
    ["a: 1", { a: 1 }],
    ["[a, 'b', \"c\\n\", 1.5, true, null, ~, -0x, .5, +1]", ["a", "b", "c\n", 1.5, true, null, null, "-0x", 0.5, 1]],
    ["[0o17, 0x1F, 1e3, -1.5E-2, 007, 1_000]", [15, 31, 1000, -0.015, 7, "1_000"]],
    ["[no, off, yes, on, No, n, y]", ["no", "off", "yes", "on", "No", "n", "y"]],
    ["[2026-01-31, 12:30:45, 1.2.3, v1.0]", ["2026-01-31", "12:30:45", "1.2.3", "v1.0"]],
    ["a: |\n  one\n  two\nb: >-\n  three\n  four\n", { a: "one\ntwo\n", b: "three four" }],
    ["a:\r\n  - b\r\n  - c\r\n", { a: ["b", "c"] }],
    ["a: &x [1, 2]\nb: *x", { a: [1, 2], b: [1, 2] }],
    ["!!str 1", "1"],
    ["! 1", "1"],
    [
      "a: !!int 1\nb: !!seq []\nc: !!map {}\nd: !!null ~\ne: !!bool true\nf: !!float 1.5",
      { a: 1, b: [], c: {}, d: null, e: true, f: 1.5 },
    ],
    ["1: a\ntrue: b\n'null': c", { 1: "a", true: "b", null: "c" }],
    ["? a\n: b", { a: "b" }],
    ["--- # a comment\na: b\n...\n", { a: "b" }],
    ["%YAML 1.2\n---\na: b", { a: "b" }],
    ["a: constructor\nconstructor: b\ntoString: c", { a: "constructor", constructor: "b", toString: "c" }],
  ])("%j is read as YAML 1.2's core schema reads it", (text, expected) => {
    const { value, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(value).toEqual(expected);
  });

  it.each<[string, string, number, number]>([
    ["", "empty-file", 1, 1],
    ["# only a comment\n", "empty-file", 1, 1],
    ["a: 1\n--- \nb: 2", "empty-file", 2, 1],
    ["a: 1\nb: 2\na: 3", "duplicate-key", 3, 1],
    ["{a: 1, 'a': 2}", "duplicate-key", 1, 8],
    ["a: {b: 1,\n  b: 2}", "duplicate-key", 2, 3],
    ["a: &x {b: 1}\nc: {<<: *x}", "bad-key", 2, 5],
    ["[a]: b", "bad-key", 1, 1],
    ["~: b", "bad-key", 1, 1],
    ["a: 1\n__proto__: b", "unknown-key", 2, 1],
    ["a: !!js/function b", "unknown-tag", 1, 4],
    ["a: !b [c]", "unknown-tag", 1, 4],
    ["a: !!binary aGk=", "unknown-tag", 1, 4],
    ["a: !!timestamp 2026-01-31", "unknown-tag", 1, 4],
    ["a: !!set {b}", "unknown-tag", 1, 4],
    ["a: !!int b", "unknown-tag", 1, 4],
    ["a: &x [b, *x]", "alias-bomb", 1, 11],
    ["a: &x {b: {c: *x}}", "alias-bomb", 1, 15],
    ["a: *x", "alias-bomb", 1, 4],
    ["a: 9007199254740993", "unsafe-number", 1, 4],
    ["a: 9223372036854775808", "unsafe-number", 1, 4],
    ["a: -9007199254740993", "unsafe-number", 1, 4],
    ["a: 0x20000000000001", "unsafe-number", 1, 4],
    ["a: 1e999", "unsafe-number", 1, 4],
    ["a: .inf", "unsafe-number", 1, 4],
    ["a: .nan", "unsafe-number", 1, 4],
    ["a:\n\t- b", "syntax", 2, 1],
    ["a:\n  b: 1\n \tc: 2", "syntax", 3, 2],
    ["a: [b", "syntax", 1, 5],
    ["a: 'b", "syntax", 1, 5],
    ["a: b: c", "syntax", 1, 5],
    ["a: @b", "syntax", 1, 4],
    ["a: \u0007", "syntax", 1, 4],
  ])("%j is reported as %s at %d:%d, once", (text, rule, line, column) => {
    const { problems } = parse(text);
    expect(problems.map((each) => [each.rule, each.line, each.column])).toEqual([[rule, line, column]]);
    expect(problems[0]?.message).not.toBe("");
  });

  it("holds 100 alias expansions and not 101, however they are nested", () => {
    expect(parse(flat(100)).problems).toEqual([]);
    expect(parse(flat(101)).problems.map((each) => each.rule)).toEqual(["alias-bomb"]);
    const nested =
      "a: &x 1\nb: &y [*x, *x, *x, *x, *x, *x, *x, *x, *x]\nc: &z [*y, *y, *y, *y, *y, *y, *y, *y, *y]\nd: [*z, *z]";
    expect(parse(nested).problems.map((each) => [each.rule, each.line])).toEqual([["alias-bomb", 4]]);
  });

  it("keeps the place of each value, quotes included", () => {
    const text = `a: one\nb: 'two'\nc: "th\\nree"\nd: [four, { five: 6 }]\n`;
    const { root } = parse(text);
    const scalars: string[] = [];
    const visit = (node: Node): void => {
      if (node.kind === "scalar") scalars.push(text.slice(node.start, node.end));
      else if (node.kind === "sequence") node.items.forEach(visit);
      else
        for (const { key, value } of node.entries.values()) {
          scalars.push(text.slice(key.start, key.end));
          visit(value);
        }
    };
    if (root) visit(root);
    expect(scalars).toEqual(["a", "one", "b", "'two'", "c", '"th\\nree"', "d", "four", "five", "6"]);
  });
});

const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.constantFrom(...Array.from(" \n\t:-#'\"\\[]{},&*!|>%@`?~=0123456789.eExo<_aé\u{1F600}")) }),
  fc.constantFrom(
    "null",
    "~",
    "true",
    "False",
    "no",
    "on",
    "1",
    "0x1F",
    "0o7",
    "1e3",
    ".inf",
    "-",
    "---",
    "...",
    "<<",
    "=",
    "2026-01-31",
    "12:30",
    "+1",
    "1_000",
    "",
  ),
);
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((each) => !Number.isInteger(each) || Number.isSafeInteger(each)),
);
const key = anyText.filter((each) => each !== "__proto__" && each !== "<<");
const { data } = fc.letrec<{ data: unknown }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    anyText,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("data"), { maxLength: 5 }),
    fc.dictionary(key, tie("data"), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

describe("any plain data", () => {
  it("that js-yaml writes is read back as it was", () => {
    fc.assert(
      fc.property(
        data,
        fc.record({ flowLevel: fc.constantFrom(-1, 0, 1), lineWidth: fc.constantFrom(-1, 20, 80) }),
        (value, style) => {
          const written = dump(value, { ...style, noRefs: true });
          const { value: read, problems } = parse(written);
          expect(problems, written).toEqual([]);
          if (!isDeepStrictEqual(read, value)) expect(read, written).toEqual(value);
          expect(isDeepStrictEqual(read, value), written).toBe(true);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});

describe("data between brackets", () => {
  it("is read as it is, and at its places, however far out its lines stand", () => {
    const name = fc.constantFrom("a", "b", "c d", "ü");
    const leaf = fc.oneof(fc.integer(), fc.constantFrom("x", "]", "two\nlines", "#"), fc.constant(null));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(name, tie("value"), { maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    const indents = fc.array(fc.nat(6), { minLength: 1 });
    fc.assert(
      fc.property(value, value, indents, (one, other, widths) => {
        let line = 0;
        const written = JSON.stringify([one, other], null, 1).replaceAll(
          /\n */g,
          () => ` # ]\n${" ".repeat(widths[line++ % widths.length] ?? 0)}`,
        );
        const text = `top:\n    key: ${written}\n    next: |\n      ]\n      text\nlast: 1\n`;
        const { value: read, root, problems } = parse(text);
        expect(read).toEqual({ top: { key: [one, other], next: "]\ntext\n" }, last: 1 });
        expect(problems.every(({ severity, rule }) => severity === "warning" && rule === "indentation")).toBe(true);
        const first = root?.kind === "mapping" ? root.entries.get("last")?.value : undefined;
        expect(first && text.slice(first.start, first.end)).toBe("1");
      }),
      { numRuns: 1000 },
    );
  });
});

describe("any text", () => {
  const pieces = fc.constantFrom(
    "a",
    "b: ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\n",
    "  ",
    "\t",
    "'",
    '"',
    "&x ",
    "*x",
    "!!int ",
    "!y ",
    "|\n",
    ">",
    "#",
    "? ",
    ": ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "<<: ",
    "1",
    "0x",
    "9007199254740993",
    "\r\n",
    "\u0000",
    "é",
    "\u{1F600}",
    "\uFEFF",
  );

  it("is read or reported, and every problem lies inside of it", () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
        const text = parts.join("");
        const { root, problems } = parse(text);
        if (!root) expect(problems.filter((each) => each.severity === "error")).not.toEqual([]);
        const lines = text.split("\n");
        for (const { line, column, endColumn, snippet } of problems) {
          const shown = lines[line - 1]?.replace(/\r$/, "");
          expect(snippet).toBe(shown);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(endColumn).toBeGreaterThan(column);
          expect(endColumn).toBeLessThanOrEqual(Math.max(column + 1, (shown ?? "").length + 1));
        }
      }),
      { numRuns: 10_000 },
    );
  });
});
