import fc from "fast-check";
import { expect, test } from "vitest";
import schema from "../../schemas/mcpfier.schema.json" with { type: "json" };
import type { Node } from "../../src/catalogue/node.ts";
import { parseYaml } from "../../src/catalogue/yaml.ts";
import { createReport } from "../../src/catalogue/report.ts";
import { shapeOfCatalogue } from "../../src/cli/catalogue-shape.ts";

const CANARY = /canary|47114711/i;
const words = Object.values(schema.definitions).flatMap((each) =>
  "properties" in each ? Object.keys(each.properties) : [],
);
const text = fc
  .tuple(
    fc.constantFrom("", "x ", "read ", "90s ", "--token=", "https://u:", "${{ a }} "),
    fc.constantFrom("", "@h", "\nmore", "}"),
  )
  .map(([before, after]) => `${before}canary${after}`);
const secret = fc.oneof(text, fc.constantFrom("canary", "canary:canary", "sk-canary"));
/** What the language knows as keys, among others; names of commands and parameters are not secret. */
const key = fc.oneof(fc.constantFrom(...Object.keys(schema.properties), ...words), secret);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    secret,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(
      key.filter((each) => each !== "params"),
      tie("tree"),
      { maxKeys: 5 },
    ),
  ),
}));

test("whatever a catalogue holds, no text of its user is in its shape", () => {
  const command = fc.dictionary(
    fc.constantFrom(
      ...Object.keys(schema.definitions.command.properties).filter((each) => each !== "params" && each !== "name"),
    ),
    tree,
  );
  const params = fc.dictionary(
    fc.constantFrom("a", "b"),
    fc.dictionary(fc.constantFrom(...Object.keys(schema.definitions.parameter.properties)), tree),
  );
  const commands = fc.array(
    fc
      .record({ keys: command, params })
      .map(({ keys, params: own }) => Object.assign({ name: "c" }, keys, { params: own })),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(fc.dictionary(key, tree, { maxKeys: 5 }), commands, (top, all) => {
      const node = nodeOf({ ...top, commands: all });
      expect(node).toBeDefined();
      expect(JSON.stringify(node && shapeOfCatalogue(node, ""))).not.toMatch(CANARY);
    }),
    { numRuns: 300 },
  );
});

test("numbers stay only where nothing but a number may stand", () => {
  const catalogue = {
    concurrency: 4711,
    commands: [
      {
        name: "c",
        run: ["x", 47_114_711, [47_114_711]],
        env: { PIN: 47_114_711 },
        params: { pin: { type: "integer", minimum: 4712, default: 47_114_711, const: 47_114_711, enum: [47_114_711] } },
        webhook: { url: "x", headers: { pin: 47_114_711 }, body: { pin: 47_114_711 } },
        tests: [{ args: { pin: 47_114_711 } }],
      },
    ],
  };
  const node = nodeOf(catalogue);
  const shape = JSON.stringify(node && shapeOfCatalogue(node, ""));
  expect(shape).not.toMatch(CANARY);
  expect(shape).toContain('"concurrency":4711');
  expect(shape).toContain('"minimum":4712');
});

function nodeOf(catalogue: object): Node | undefined {
  const file = "c.yaml";
  return parseYaml({ file, path: file, text: JSON.stringify(catalogue), worldWritable: false }, createReport());
}
