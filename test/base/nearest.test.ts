import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { didYouMean, nearest } from "../../src/base/nearest.ts";

describe("the nearest names", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["patern", ["pattern", "paths"], ["pattern"]],
    ["descripton", ["description", "script"], ["description"]],
    ["ab", ["ba"], ["ba"]],
    ["Timeout", ["timeout"], ["timeout"]],
    ["time_out", ["timeout", "name"], ["timeout"]],
    ["rum", ["run"], ["run"]],
    ["xyz", ["run", "env"], []],
    ["a", ["b"], []],
    ["", ["a"], []],
    ["a", [], []],
    ["tool", ["tool"], ["tool"]],
  ])("of %s among %j are %j", (name, candidates, expected) => expect(nearest(name, candidates)).toEqual(expected));

  it("are three at most, the best first", () => {
    expect(nearest("name", ["nom", "names", "game", "nme", "named"])).toHaveLength(3);
    expect(nearest("name", ["nom", "names"])[0]).toBe("names");
  });

  it("are told as a question, and not at all when nothing is near", () => {
    expect(didYouMean("patern", ["pattern"])).toBe('did you mean "pattern"?');
    expect(didYouMean("ab", ["ac", "ad"])).toBe('did you mean "ac" or "ad"?');
    expect(didYouMean("patern", ["x"])).toBe("");
  });

  it("hold a name with two letters changed, left out or put in, or a pair swapped", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "d", "e", "f"), minLength: 5, maxLength: 12 });
    const edit = fc.record({ at: fc.nat(), kind: fc.constantFrom("change", "leave", "put") });
    const swap = fc.record({ at: fc.nat(), kind: fc.constant("swap") });
    fc.assert(
      fc.property(word, fc.oneof(fc.array(edit, { maxLength: 2 }), fc.tuple(swap)), (name, edits) => {
        const wrong = edits.reduce((text, { at, kind }) => {
          const i = at % text.length;
          const [before, here = "", after] = [text.slice(0, i), text[i], text.slice(i + 1)];
          if (kind === "change") return `${before}x${after}`;
          if (kind === "leave") return before + after;
          if (kind === "put") return `${before}x${here}${after}`;
          return before + after.slice(0, 1) + here + after.slice(1);
        }, name);
        expect(nearest(wrong, ["zzzzzzzzzzzz", name])).toContain(name);
      }),
      { numRuns: 10_000 },
    );
  });
});
