import { chmodSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, mcpfier } from "./rig.ts";

/** Runs mcpfier with folders of its own; what is kept of it, and what it left among the temporary files. */
async function run(
  home: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Record<"kept" | "temporary", number>> {
  const [tmp, cache] = [join(home, "tmp"), join(home, ".cache/mcpfier/node")];
  const env = { HOME: home, TMPDIR: tmp, XDG_CACHE_HOME: undefined, NODE_COMPILE_CACHE: undefined, ...more };
  expect(await mcpfier(["--version"], { env })).toMatchObject({ code: 0, stderr: "" });
  const count = (path: string): number => (existsSync(path) ? readdirSync(path).length : 0);
  return { kept: count(cache), temporary: count(tmp) };
}

const homeOf = (files: Readonly<Record<string, string>> = {}): string => folder({ "tmp/x": "", ...files });

describe("what V8 has compiled", () => {
  it("is kept in a folder of the user's own, and not where others may put theirs", async () => {
    expect(await run(homeOf())).toEqual({ kept: 1, temporary: 1 });
  });

  it.each([".cache/mcpfier", ".cache/mcpfier/node"])(
    "is neither kept nor taken from %s that others may write to",
    async (path) => {
      const home = homeOf({ ".cache/mcpfier/node/.keep": "" });
      chmodSync(join(home, path), 0o777);
      expect(await run(home)).toEqual({ kept: 1, temporary: 1 });
      expect(readdirSync(join(home, ".cache/mcpfier/node"))).toEqual([".keep"]);
    },
  );

  it("is not kept where nothing can be, which is no fault", async () => {
    expect(await run(homeOf({ ".cache": "a file" }))).toEqual({ kept: 0, temporary: 1 });
  });

  it("is kept where NODE_COMPILE_CACHE says", async () => {
    const home = homeOf();
    expect(await run(home, { NODE_COMPILE_CACHE: join(home, "mine") })).toEqual({ kept: 0, temporary: 1 });
    expect(readdirSync(join(home, "mine"))).toHaveLength(1);
  });
});
