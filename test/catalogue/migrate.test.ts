// Each pair in migrate/ is a file of the original MCPFier and its spelling of today.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Migrated, migrate } from "../../src/catalogue/migrate.ts";
import type { Source } from "../../src/catalogue/source.ts";
import { folder, host, load } from "../rig.ts";

const PLACE = join(import.meta.dirname, "migrate");
const names = readdirSync(PLACE).filter((name) => name.endsWith(".yaml"));
const pairs = names.map((name) => [
  name,
  readFileSync(join(PLACE, name), "utf8"),
  readFileSync(join(PLACE, name.replace(/yaml$/, "out")), "utf8"),
]) as readonly (readonly [string, string, string])[];

const env = { HOME: "/home/somebody" };

function attempt(text: string): string {
  return Object.keys(migrateText(text)).join();
}

function migrateText(text: string): Migrated {
  const source: Source = { file: "config.yaml", path: "/config.yaml", text, worldWritable: false };
  return migrate(source, { env: (name) => (env as Readonly<Record<string, string>>)[name] });
}

function migrated(text: string): string {
  const result = migrateText(text);
  if ("problems" in result) throw new Error(`${JSON.stringify(result.problems)}\n${text}`);
  return result.text;
}

/** What a file means, but for the lines that its tests stand in. */
async function meaning(text: string, at: string): Promise<unknown> {
  const { catalogue, problems } = await load(text, { folder: at, host: { ...host, env } });
  if (!catalogue) throw new Error(`${problems.map((each) => `${each.line}: ${each.message}`).join("\n")}\n${text}`);
  return catalogue.commands;
}

describe("a migrated file", () => {
  it.each(pairs)("is what stands beside %s", (_, before, after) => expect(migrated(before)).toBe(after));

  it.each(pairs)("keeps the line ends of %s with CRLF", (_, before, after) =>
    expect(migrated(before.replaceAll("\n", "\r\n"))).toBe(after.replaceAll("\n", "\r\n")),
  );

  it.each(pairs)("means what %s means", async (_, before, after) => {
    const at = folder();
    expect(await meaning(after, at)).toEqual(await meaning(before, at));
  });

  it.each(pairs)("is migrated no further than %s", (_, __, after) => expect(migrated(after)).toBe(after));
});

/** A text as it may be written in a list of lines. */
const word = fc.oneof(
  fc.constantFrom("-la", "a b", "x", "Hello", "--", "a-b", "it's", "$HOME", "${HOME}", "a:b", "100%", "~x"),
  fc
    .constantFrom("a, b", "[x]", "{", "# no", "a: b", "- x", "*a", "&b", "!c", "", "yes: 1", "'", "é€😀", "a\tb")
    .map((text) => JSON.stringify(text)),
  fc.constantFrom("it''s", "a, b", "# x", "").map((text) => `'${text}'`),
  fc.constantFrom("1", "1.10", "0x1F", "true", "False", "1e3", "007"),
);

const comment = fc.option(fc.constantFrom("x", "args: [a]", "- b", "script: 'c", "it's \"d", "]", "}, {"), {
  nil: "",
  freq: 3,
});

interface Entry {
  readonly key: "name" | "script" | "args" | "description" | "timeout" | "env" | "container";
  readonly value: string;
  readonly list: readonly string[];
  readonly style: "flow" | "lines" | "flow lines" | "below";
  readonly before: string;
  readonly behind: string;
}

const simple = (key: Entry["key"], values: fc.Arbitrary<string>): fc.Arbitrary<Entry> =>
  fc.record({
    key: fc.constant(key),
    value: values,
    list: fc.constant([]),
    style: fc.constantFrom("flow" as const, "below" as const),
    before: comment,
    behind: comment,
  });

const args: fc.Arbitrary<Entry> = fc.record({
  key: fc.constant("args" as const),
  value: fc.constant(""),
  list: fc.array(word, { maxLength: 4 }),
  style: fc.constantFrom("flow" as const, "lines" as const, "flow lines" as const, "below" as const),
  before: comment,
  behind: comment,
});

const optional = (entry: fc.Arbitrary<Entry>): fc.Arbitrary<readonly Entry[]> =>
  fc.option(entry, { nil: null }).map((each) => (each ? [each] : []));

const command = fc
  .tuple(
    simple("script", fc.constantFrom("echo", "'echo'", '"ls -la"', "a b", "a{b", "true", "/bin/sh", "a#b", "''' '")),
    optional(args),
    optional(simple("description", fc.constantFrom("Does it.", '"#"', "", "12", "it's # not"))),
    optional(simple("timeout", fc.constantFrom("30", '"30"', "1m30s", "0", '""', "", "500ms", "1.5", "0s"))),
    optional(simple("env", fc.constantFrom("{ A: 1.10, B: }", "{}", "", '{ C: "x # y" }', "{ D: ~ }"))),
    optional(simple("container", fc.constantFrom('""', "", "busybox", "'python:3.9-slim'"))),
  )
  .chain(([script, ...others]) => fc.shuffledSubarray([script, ...others.flat()], { minLength: 1 + others.flat().length }))
  .chain((entries) => fc.record({ entries: fc.constant(entries), isFlow: fc.boolean(), at: fc.nat(entries.length) }));

const file = fc.record({
  commands: fc.array(command, { minLength: 1, maxLength: 3 }),
  indent: fc.constantFrom("", "  ", "    "),
  eol: fc.constantFrom("\n", "\r\n"),
  isEnded: fc.boolean(),
});

type Given = typeof file extends fc.Arbitrary<infer T> ? T : never;

function written({ commands, indent, eol, isEnded }: Given): string {
  let count = 0;
  const note = (text: string): string => (text === "" ? "" : ` # ${count++}: ${text}`);
  const lines = commands.flatMap(({ entries, isFlow, at }, index) => {
    const name: Entry = { key: "name", value: `c${index}`, list: [], style: "flow", before: "", behind: "" };
    const all = entries.toSpliced(at, 0, name);
    if (isFlow) {
      const inside = all.map((each) => `${each.key}: ${each.key === "args" ? `[${each.list.map(inFlow).join(", ")}]` : inFlow(each.value)}`);
      return [`${indent}- { ${inside.join(", ")} }${note(all[0]?.behind ?? "")}`];
    }
    const body = all.flatMap((each) => entryLines(each, note));
    return body.map((line, row) => `${indent}${row === 0 ? "- " : "  "}${line}`);
  });
  return ["# the head", "commands:", ...lines].join(eol) + (isEnded ? eol : "");
}

/** In brackets a plain text may hold no bracket and no comma. */
function inFlow(text: string): string {
  return /^[^"'{[].*[,[\]{}#]|^[{[]$/.test(text) ? JSON.stringify(text) : text;
}

function entryLines({ key, value, list, style, before, behind }: Entry, note: (text: string) => string): readonly string[] {
  const first = before === "" ? [] : [note(before).trim()];
  const end = note(behind);
  if (key !== "args") {
    if (style === "below" && value !== "") return [...first, `${key}:${end}`, `    ${value}`];
    return [...first, `${key}: ${value}${end}`];
  }
  if (style === "lines" && list.length > 0) return [...first, `${key}:${end}`, ...list.map((item) => `  - ${item}${note(behind)}`)];
  if (style === "flow lines") return [...first, `${key}: [`, ...list.map((item) => `    ${inFlow(item)},${note(behind)}`), `  ]${end}`];
  if (style === "below") return [...first, `${key}:${end}`, `    [${list.map(inFlow).join(", ")}]`];
  return [...first, `${key}: [${list.map(inFlow).join(", ")}]${end}`];
}

const comments = (text: string): readonly string[] =>
  Array.from(text.matchAll(/# \d+: [^\r\n]*/g), ([found]) => found).toSorted();

/** Two loads a run, and other work on the machine may slow them down. */
const PATIENCE_MS = 240_000;

describe("any file of the original", () => {
  it("means the same when it is migrated, keeps its comments, and is migrated once", async () => {
    const at = folder();
    await fc.assert(
      fc.asyncProperty(file, async (given) => {
        const before = written(given);
        const after = migrated(before);
        expect(await meaning(after, at), before).toEqual(await meaning(before, at));
        expect(comments(after), before).toEqual(comments(before));
        expect(after).not.toMatch(/^[\s{-]*(?:script|args):/m);
        expect(migrated(after)).toBe(after);
        if (given.eol === "\r\n") expect(after.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 500 },
    );
  }, PATIENCE_MS);

  it("is answered with a text or with problems, whatever was broken in it", () => {
    const breaks = fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom("", "\n", " ", "#", "'", "]", "*a", "&a ", "? ")));
    fc.assert(
      fc.property(file, breaks, (given, changes) => {
        let text = written(given);
        for (const [at, length, piece] of changes) {
          const start = at % text.length;
          text = text.slice(0, start) + piece + text.slice(start + length);
        }
        expect(attempt(text)).toMatch(/^text,(?:warnings|problems)$/);
      }),
      { numRuns: 3000 },
    );
  }, PATIENCE_MS);
});
