import { tests } from "@bufbuild/cel-spec/testdata/conformance.js";
import { describe, expect, test } from "vitest";
import { parseCondition } from "../../src/base/condition.ts";

/** The parts of the language that `when` and `constraints` promise: no protocol buffers, no extensions. */
const PROMISED = new Set([
  "basic",
  "comparisons",
  "conversions",
  "fields",
  "fp_math",
  "integer_math",
  "lists",
  "logic",
  "macros",
  "parse",
  "plumbing",
  "string",
  "timestamps",
]);

interface Case {
  readonly name?: string;
  readonly expr: string;
  readonly container?: string;
  readonly bindings?: object;
  readonly value?: Readonly<Record<string, unknown>>;
  readonly evalError?: object;
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: object }[];
}

/** Of CEL, `@bufbuild/cel` does not claim field names in backquotes. */
const UNCLAIMED = /`/;

/** Cases that need no protocol buffers: only what a catalogue can say. */
function casesOf(suite: Suite): readonly Case[] {
  const own = (suite.tests ?? []).map((each) => each.original as Case);
  const plain = own.filter(
    ({ expr, container, bindings, value, evalError }) =>
      !UNCLAIMED.test(expr) &&
      container === undefined &&
      bindings === undefined &&
      !/TestAllTypes|google\.protobuf|\benum/i.test(expr) &&
      (evalError !== undefined || literal(value ?? { boolValue: true }) !== undefined),
  );
  return [...plain, ...(suite.suites ?? []).flatMap(casesOf)];
}

/** A scalar of the suite's format as CEL writes it. */
function literal(value: Readonly<Record<string, unknown>>): string | undefined {
  const [kind, content] = Object.entries(value)[0] ?? [];
  if (kind === "boolValue") return String(content);
  if (kind === "int64Value") return content === "-9223372036854775808" ? "(-9223372036854775807 - 1)" : String(content);
  if (kind === "uint64Value") return `${String(content)}u`;
  if (kind === "doubleValue" && typeof content === "number")
    return Number.isInteger(content) ? `double("${content}")` : String(content);
  if (kind === "stringValue") return JSON.stringify(content);
  return kind === "nullValue" ? "null" : undefined;
}

function evaluate(source: string): boolean | string {
  const condition = parseCondition(source);
  return typeof condition === "string" ? condition : condition.evaluate({});
}

describe("the conformance cases of CEL", () => {
  for (const suite of tests.suites?.filter((each) => PROMISED.has(each.name)) ?? []) {
    const cases = casesOf(suite);
    test(`${suite.name}: ${cases.length} cases`, () => {
      expect(cases.length).toBeGreaterThan(1);
      const wrong = cases.filter(({ expr, value, evalError }) => {
        if (evalError) return typeof evaluate(expr) !== "string";
        return evaluate(`(${expr}) == ${literal(value ?? { boolValue: true })}`) !== true;
      });
      expect(wrong.map((each) => each.expr)).toEqual([]);
    });
  }
});

describe("parseCondition", () => {
  test.each([
    ["first <= last", ["first", "last"]],
    ["has(params.a) || b > 1", ["b"]],
    ["params.a > 1", ["a"]],
    ["items.all(item, item > limit)", ["items", "limit"]],
    ['os == "linux"', ["os"]],
    ["true", []],
  ])("%s mentions %j", (source, mentions) => {
    expect(parseCondition(source)).toMatchObject({ mentions });
  });

  test("whole numbers are CEL integers, others doubles, and lists and maps keep their items", () => {
    const evaluateWith = (source: string, variables: Readonly<Record<string, unknown>>): unknown => {
      const condition = parseCondition(source);
      return typeof condition === "string" ? condition : condition.evaluate(variables);
    };
    expect(evaluateWith("n % 2 == 0", { n: 4 })).toBe(true);
    expect(evaluateWith("r < 1.5 && r > 1", { r: 1.25 })).toBe(true);
    expect(evaluateWith('xs.exists(x, x == "b") && size(xs) == 2', { xs: ["a", "b"] })).toBe(true);
    expect(evaluateWith("m.depth == 3", { m: { depth: 3 } })).toBe(true);
    expect(evaluateWith('name.matches("^[a-z]+$")', { name: "abc1" })).toBe(false);
  });

  test("what is no condition is told, not thrown", () => {
    expect(parseCondition("1 +")).toMatch(/expecting/);
    const number = parseCondition("1 + 1");
    expect(typeof number === "string" ? number : number.evaluate({})).toBe("its value is neither true nor false");
    const unknown = parseCondition("x == 1");
    expect(typeof unknown === "string" ? unknown : typeof unknown.evaluate({})).toBe("string");
  });

  test("facts answer with what they are asked", () => {
    const asked: string[] = [];
    const condition = parseCondition('program("rg") && env("CI") == "yes"', {
      program: (name) => asked.push(name) > 0,
      env: () => "yes",
    });
    expect(typeof condition === "string" ? condition : condition.evaluate({})).toBe(true);
    expect(asked).toEqual(["rg"]);
  });
});
