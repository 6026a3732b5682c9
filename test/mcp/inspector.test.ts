// The protocol's inspector looks at what the catalogues that come with mcpfier show, in each era. What the examples show in the older
// one it sees in clients.test.ts.
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { type Era, type ToolSeen, inspect } from "./clients.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const EXAMPLES = readdirSync(join(ROOT, "examples")).map((name) => `examples/${name}`);

const LOOKS: readonly (readonly [catalogue: string, era: Era])[] = [
  [".", "auto"],
  [".", "modern"],
  ["test/conformance", "legacy"],
  ["test/conformance", "auto"],
  ["test/conformance", "modern"],
  // With this server `auto` comes to `modern`.
  ...EXAMPLES.map((name) => [name, "modern"] as const),
];

test.each(LOOKS)("the inspector finds no error in the tools of %s (%s)", async (place, era) => {
  const { tools } = (await inspect(join(ROOT, place, "mcpfier.yaml"), ["tools/list"], { era })) as {
    tools: ToolSeen[];
  };
  expect(tools).not.toEqual([]);
});
