import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cursor } from "../../src/setup/clients/cursor.ts";
import { withEntry } from "../../src/setup/entry.ts";
import type { Entry, Refused } from "../../src/setup/format.ts";
import { loadFormat } from "../../src/setup/formats.ts";
import { withValue, withoutValue } from "../../src/setup/json/edit.ts";
import { type Text, createReader } from "../../src/setup/json/jsonc.ts";
import { differOnlyAt } from "../../src/setup/json/proof.ts";
import { jsonc } from "./fuzz.ts";

const RUNS = 1500;
const read = await createReader();
const format = await loadFormat("jsonc");
const ENTRY: Entry = { command: "/opt/node", args: ["serve", "--config", "/a b/c.yaml"] };

function parsed(text: string): Text {
  const found = read(text, "jsonc");
  if ("fault" in found) throw new Error(`${found.fault}: ${text}`);
  return found;
}

function done(edited: string | Refused): string {
  if (typeof edited !== "string") throw new Error(edited.fault);
  return edited;
}

describe("editing", () => {
  it("takes out any member, and changes one, without touching another or a comment", () => {
    fc.assert(
      fc.property(jsonc, fc.nat(), (text, at) => {
        const before = parsed(text);
        const members = before.root?.members ?? [];
        const chosen = members[at % Math.max(1, members.length)];
        if (!chosen) return;
        const after = parsed(done(withoutValue(before, [chosen.key])));
        expect(after.root?.members?.map(({ key: name }) => name)).toEqual(
          members.filter((each) => each !== chosen).map(({ key: name }) => name),
        );
        expect(differOnlyAt(before, after, [chosen.key])).toBe(true);
        const changed = parsed(done(withValue(before, [chosen.key], ["x"])));
        expect(differOnlyAt(before, changed, [chosen.key])).toBe(true);
      }),
      { numRuns: RUNS / 2 },
    );
  });

  it("never edits a text that is cut off", () => {
    fc.assert(
      fc.property(jsonc, fc.nat(), (text, at) => {
        const end = text.lastIndexOf("}");
        const begin = text.indexOf("{");
        const cut = text.slice(0, begin + 1 + (at % Math.max(1, end - begin)));
        // Behind a cut inside of a comment at the end, the bracket may be a part of the comment.
        if (!("fault" in read(cut, "jsonc"))) return;
        expect(withEntry(format, cut, cursor, "mcpfier", ENTRY)).toHaveProperty("fault");
      }),
      { numRuns: RUNS / 5 },
    );
  });
});

describe("the proof", () => {
  it.each([
    ["another value", '{ "a": 1, "m": {} }', '{ "a": 2, "m": { "x": 1 } }'],
    ["a lost comment", '{ /* c */ "m": {} }', '{ "m": { "x": 1 } }'],
    ["another number's spelling", '{ "a": 1.0, "m": {} }', '{ "a": 1, "m": { "x": 1 } }'],
    ["another order", '{ "a": 1, "b": 2, "m": {} }', '{ "b": 2, "a": 1, "m": { "x": 1 } }'],
    ["a moved map", '{ "a": 1, "m": {} }', '{ "m": { "x": 1 }, "a": 1 }'],
    ["a sibling in the map", '{ "m": { "y": 1 } }', '{ "m": { "x": 1 } }'],
    ["a list that became a map", '{ "m": [] }', '{ "m": { "x": 1 } }'],
    ["a lost map", '{ "m": { "x": 1 } }', "{}"],
  ])("sees %s", (_what, before, after) => {
    expect(differOnlyAt(parsed(before), parsed(after), ["m", "x"])).toBe(false);
    expect(
      differOnlyAt(parsed(before), parsed(done(withValue(parsed(before.replace("[]", "{}")), ["m", "x"], 1))), [
        "m",
        "x",
      ]),
    ).toBe(!before.includes("[]"));
  });
});
