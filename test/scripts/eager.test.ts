import { expect, it } from "vitest";
import { eager } from "../../scripts/eager.ts";

const CODE = `"use strict";
import { sep } from "node:path";
const early = twice(2);
const told = { sep, named() { return 1 }, get got() { return 2 } };
function twice(number) { return inner(number); function inner(n) { return add(n, n); function add(a, b) { return a + b } } }
async function later() { return later.name }
function* each() { yield* [1, 2] }
function changed() { return changed === undefined ? "none" : "first" }
const shown = () => changed(), made = function () { return made.name }, curried = (a) => (b) => a + b;
const before = shown();
changed = () => "second";
class Box { constructor(n) { this.n = n } get() { return this.n } }
function unused() {}
const unended = add
function add(one = 1) { return one }
(2)
const names = [twice, later, each, shown, made, changed, told.named, unused].map(({ name }) => name);
const results = async () => [
  early, told.sep, told.named(), told.got, await later(), [...each()], before, shown(), made(), curried(1)(2), new Box(3).get(), unended(), names,
];
export { results as default };
`;

/** The ranges of all functions, and of everything else. */
function everyRange({ length }: string): ReadonlySet<string> {
  const places = Array.from({ length: length + 1 }, (_, index) => index);
  return new Set(places.flatMap((end) => places.slice(0, end).map((start) => `${start}-${end}`)));
}

async function resultsOf(code: string): Promise<unknown> {
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    readonly default: () => Promise<unknown>;
  };
  return module.default();
}

it("functions that are compiled at once mean what they meant", async () => {
  const code = eager(CODE, everyRange(CODE));
  expect(code).toContain("var twice=(function");
  expect(code).toContain("shown = (() => changed())");
  expect(code).toContain("class Box { constructor(n)");
  expect(await resultsOf(code)).toEqual(await resultsOf(CODE));
});

it("functions that do not run at a start stay as they are", () => {
  expect(eager(CODE, new Set())).toBe(CODE);
});
