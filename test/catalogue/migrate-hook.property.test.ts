import fc from "fast-check";
import { expect, it } from "vitest";
import { migrate } from "../../src/catalogue/migrate.ts";
import { folder, load } from "../rig.ts";

/** A key with the values that it may be written with. */
type Key = readonly [name: string, ...values: readonly string[]];

const AUTH = [
  "{ type: Bearer, token: 007 }",
  "{ type: bearer, token: t }",
  "{ token: true, type: oauth }",
  "\n        type: API_KEY # the kind\n        key: 1.10\n        header: X-Key",
  "{ type: basic, user: 0x1F, pass: ~ }",
  "{ type: 'OAuth', token_url: 'https://example.org/t', client_id: 1, client_secret: 1e3 }",
  "",
  "~",
];
const RETRY = ["{ max_retries: 0, delay: 2 }", "\n        backoff: Fixed\n        delay: '1.5'", "{ delay: 1s }", "{}", "''"];
const HEADERS = ["{ X-A: 1.10, X-B: 8080, X-C: }", "\n        X-D: # nothing\n        X-E: true", "{}", ""];
const HOOK: readonly Key[] = [
  ["method", "get", "''", "PUT", ""],
  ["headers", ...HEADERS],
  ["body", "12", "'{}'", '""', "|\n        [1]", "", "true"],
  ["body_format", "JSON", "json", "''", ""],
  ["auth", ...AUTH],
  ["retry", ...RETRY],
];
const BESIDE: readonly Key[] = [
  ["timeout", "30", '"30"', "0", "10s", ""],
  ["description", "12", "Does it.", ""],
  ["script", "echo", "''", ""],
  ["args", "[a, b]", "[]", "", "\n      - a # first\n      - b"],
  ["container", "alpine", "''", ""],
  ["env", "{ A: 1.10, B: }", ""],
];

const written = (keys: readonly Key[]): fc.Arbitrary<readonly (readonly [string, string])[]> =>
  fc
    .shuffledSubarray([...keys])
    .chain((some) => fc.tuple(...some.map(([name, ...values]) => fc.tuple(fc.constant(name), fc.constantFrom(...values)))));

const command = fc.record({ hook: written(HOOK), beside: written(BESIDE), url: fc.nat(6), at: fc.nat(6) });

/** A comment behind each value that has one line, to see that none is lost. */
function line(indent: string, [key, value]: readonly [string, string], note: () => string): string {
  return `${indent}${key}: ${value}${value.includes("\n") ? "" : ` # ${note()}`}\n`;
}

function fileOf(commands: readonly (typeof command extends fc.Arbitrary<infer T> ? T : never)[]): string {
  let count = 0;
  const note = (): string => `note ${count++};`;
  const blocks = commands.map(({ hook, beside, url, at }, index) => {
    const inner = hook.toSpliced(url, 0, ["url", "https://example.org/a"]).map((pair) => line("      ", pair, note));
    const outer = beside.map((pair) => line("    ", pair, note)).toSpliced(at, 0, `    webhook:\n${inner.join("")}`);
    return `  - name: c${index}\n${outer.join("")}`;
  });
  return `commands:\n${blocks.join("")}`;
}

async function meaning(text: string, at: string): Promise<unknown> {
  const { catalogue, problems } = await load(text, { folder: at });
  if (!catalogue) throw new Error(`${problems.map((each) => `${each.line}: ${each.message}`).join("\n")}\n${text}`);
  return catalogue.commands;
}

function migrated(text: string): string {
  const source = { file: "config.yaml", path: "/config.yaml", text, worldWritable: false };
  const result = migrate(source, { env: () => undefined });
  if ("problems" in result) throw new Error(`${JSON.stringify(result.problems)}\n${text}`);
  return result.text;
}

const notes = (text: string): readonly string[] => (text.match(/note \d+;/g) ?? []).toSorted();

it("any request of the original means the same when it is migrated, keeps its comments, and is migrated once", async () => {
  const at = folder();
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 2 }), async (commands) => {
      const before = fileOf(commands);
      const after = migrated(before);
      expect(await meaning(after, at), before).toEqual(await meaning(before, at));
      expect(notes(after), before).toEqual(notes(before));
      expect(migrated(after), before).toBe(after);
      const { problems } = await load(after, { folder: at });
      expect(problems.filter(({ rule }) => rule === "legacy"), after).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
