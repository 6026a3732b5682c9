import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Refused, withValue, withoutValue } from "../../src/setup/edit.ts";
import { type Entry } from "../../src/setup/client.ts";
import { type Text, createReader } from "../../src/setup/jsonc.ts";
import { differOnlyAt } from "../../src/setup/proof.ts";
import { withEntry, withoutEntry } from "../../src/setup/entry.ts";
import { cursor } from "../../src/setup/clients/cursor.ts";

// 10,000 were passed when this was written; each takes about a millisecond.
const RUNS = 1500;
const read = await createReader();
const ENTRY: Entry = { command: "/opt/node", args: ["serve", "--config", "/a b/c.yaml"] };

/** Values as their parts: the tokens, and `null` wherever white space and comments may stand. */
type Tokens = readonly (string | null)[];

const key = fc.oneof(
  fc.constantFrom("a", "b", "mcpServers", "command", "env", "__proto__", "/*", "//", "é\u2028"),
  fc.string({ maxLength: 4 }),
);
const scalar: fc.Arbitrary<Tokens> = fc.oneof(
  fc
    .constantFrom("1", "-0.5e9", "true", "null", '"// no comment"', String.raw`"a \" b \\"`, '"{,}"')
    .map((text) => [text]),
  fc.string({ maxLength: 6 }).map((text) => [JSON.stringify(text)]),
);

function listOf(items: readonly Tokens[], [open, close]: readonly [string, string], isTrailing: boolean): Tokens {
  const inner = items.flatMap((item, index) => (index > 0 ? [null, ",", null, ...item] : item));
  return [open, null, ...inner, ...(isTrailing && items.length > 0 ? [null, ","] : []), null, close];
}

function objectOf(members: readonly (readonly [string, Tokens])[], isTrailing: boolean): Tokens {
  const items = members.map(([name, tokens]): Tokens => [JSON.stringify(name), null, ":", null, ...tokens]);
  return listOf(items, ["{", "}"], isTrailing);
}

const { value, object } = fc.letrec<{ value: Tokens; object: Tokens }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    tie("object"),
    fc
      .tuple(fc.array(tie("value"), { maxLength: 3 }), fc.boolean())
      .map(([items, isTrailing]) => listOf(items, ["[", "]"], isTrailing)),
  ),
  object: fc
    .tuple(fc.uniqueArray(fc.tuple(key, tie("value")), { maxLength: 4, selector: ([name]) => name }), fc.boolean())
    .map(([members, isTrailing]) => objectOf(members, isTrailing)),
}));

const trivia = fc.array(
  fc.constantFrom(
    "",
    " ",
    "\t",
    "EOL",
    "EOL  ",
    "EOL\t",
    "EOLEOL",
    "/* c */",
    "/**/",
    "// lineEOL",
    "/* two EOL lines */",
  ),
  { maxLength: 3 },
);

interface Sample {
  readonly text: string;
  readonly hasMap: boolean;
}

/** A text with an object at its top, whose map of servers may be missing, among others of any kind. */
const sample: fc.Arbitrary<Sample> = fc
  .record({
    before: fc.uniqueArray(fc.tuple(key, value), { maxLength: 3, selector: ([name]) => name }),
    map: fc.option(object),
    after: fc.uniqueArray(fc.tuple(key, value), { maxLength: 2, selector: ([name]) => name }),
    isTrailing: fc.boolean(),
    spaces: fc.array(trivia, { minLength: 1, maxLength: 40 }),
    eol: fc.constantFrom("\n", "\r\n"),
  })
  .map(({ before, map, after, isTrailing, spaces, eol }) => {
    const others = new Map([...before, ...after].filter(([name]) => name !== "mcpServers"));
    const names = new Set(before.map(([name]) => name));
    const [first, last] = [
      [...others].filter(([name]) => names.has(name)),
      [...others].filter(([name]) => !names.has(name)),
    ];
    const members: (readonly [string, Tokens])[] = [...first, ...(map ? [["mcpServers", map] as const] : []), ...last];
    let at = 0;
    const tokens = [null, ...objectOf(members, isTrailing), null];
    const text = tokens
      .map((token) => token ?? (spaces[at++ % spaces.length] ?? []).join("").replaceAll("EOL", eol))
      .join("");
    return { text, hasMap: map !== null };
  });

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
  it("adds an entry to any text so that taking it out, and the map that it brought, gives every byte back", () => {
    fc.assert(
      fc.property(sample, ({ text, hasMap }) => {
        const added = withEntry(read, text, cursor, "mcpfier", ENTRY);
        if ("fault" in added) throw new Error(added.fault);
        expect(added.has?.data()).toEqual(ENTRY);
        expect(withEntry(read, added.after.text, cursor, "mcpfier", ENTRY)).toMatchObject({
          after: { text: added.after.text },
        });
        const removed = withoutEntry(read, added.after.text, cursor, "mcpfier");
        if ("fault" in removed) throw new Error(removed.fault);
        const back = removed.after.text;
        expect(hasMap ? back : done(withoutValue(parsed(back), ["mcpServers"]))).toBe(text);
      }),
      { numRuns: RUNS },
    );
  });

  it("takes out any member, and changes one, without touching another or a comment", () => {
    fc.assert(
      fc.property(sample, fc.nat(), ({ text }, at) => {
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

  it("leaves a damaged text alone, or gives every byte of it back", () => {
    const damage = fc.constantFrom("", "{", "}", "[", ",", ":", '"', "/", "*", "//", "\n", "\\", "0", "x");
    fc.assert(
      fc.property(sample, fc.nat(), damage, ({ text }, at, sign) => {
        const place = at % (text.length + 1);
        const damaged = text.slice(0, place) + sign + text.slice(place + 1);
        const added = withEntry(read, damaged, cursor, "mcpfier", ENTRY);
        if ("fault" in added) return;
        // All of it became a comment, and what is added stands behind it.
        if (!added.before.root) {
          expect(added.after.text).toContain(damaged);
          return;
        }
        const removed = withoutEntry(read, added.after.text, cursor, "mcpfier");
        if ("fault" in removed) throw new Error(removed.fault);
        const back = removed.after.text;
        const hadMap = added.before.root.members?.some(({ key: name }) => name === "mcpServers");
        expect(hadMap ? back : done(withoutValue(parsed(back), ["mcpServers"]))).toBe(damaged);
      }),
      { numRuns: RUNS },
    );
  });

  it("never edits a text that is cut off", () => {
    fc.assert(
      fc.property(sample, fc.nat(), ({ text }, at) => {
        const end = text.lastIndexOf("}");
        const begin = text.indexOf("{");
        const cut = text.slice(0, begin + 1 + (at % Math.max(1, end - begin)));
        // Behind a cut inside of a comment at the end, the bracket may be a part of the comment.
        if (!("fault" in read(cut, "jsonc"))) return;
        expect(withEntry(read, cut, cursor, "mcpfier", ENTRY)).toHaveProperty("fault");
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
