// Paths that are offered and files that are shown: nothing outside of their folder, whatever is typed or asked for.
import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { pathsBelow } from "../../src/command/below.ts";
import { holds, listFolder } from "../../src/command/folder.ts";
import { isInside } from "../../src/command/path.ts";
import { Refusal } from "../../src/base/refusal.ts";
import { readConfined } from "../../src/command/read-file.ts";
import type { FolderSource } from "../../src/command/resource.ts";
import { folder } from "../rig.ts";

const LEAK = "leak-0c4e";

function tree(): string {
  const path = folder({
    "in/a.md": "fine",
    "in/sub/b.md": "fine",
    "in/.dot/c.md": LEAK,
    "out/secret.md": LEAK,
    "in-side/d.md": LEAK,
  });
  symlinkSync("../out", join(path, "in/door"));
  symlinkSync("../out/secret.md", join(path, "in/key.md"));
  symlinkSync(".", join(path, "in/circle"));
  symlinkSync("../..", join(path, "in/sub/up"));
  mkdirSync(join(path, "in/sub/.hidden"));
  return path;
}

const names = [
  "in",
  "a.md",
  "sub",
  "b.md",
  ".dot",
  "c.md",
  "out",
  "secret.md",
  "in-side",
  "door",
  "key.md",
  "circle",
  "up",
];
const step = fc.constantFrom(...names, "..", ".", "", "/", "%2e%2e", "\0", "s", "k", "~", "${{ workspace }}");
const asked = fc.array(step, { maxLength: 6 }).map((steps) => steps.join("/"));

test("no path is offered that leads out of the roots, and none that begins otherwise than what was typed", async () => {
  const path = tree();
  const root = join(path, "in");
  for (const exists of [null, "file", "dir", "any", "absent"] as const)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          asked,
          asked.map((each) => `${root}/${each}`),
        ),
        async (typed) => {
          for (const offered of await pathsBelow(typed, { roots: [root], exists })) {
            expect(offered.startsWith(typed)).toBe(true);
            expect(isInside(root, realpathSync(resolve(root, offered)))).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
});

test("a folder shows nothing from outside, nothing hidden, and reads nothing that it does not show", async () => {
  const path = tree();
  const root = join(path, "in");
  const source: FolderSource = {
    kind: "folder",
    base: "x:///",
    path: root,
    rule: { roots: [path], exists: "dir" },
    files: ["**"],
  };
  expect((await listFolder(source)).files).toEqual(["a.md", "sub/b.md"]);
  await fc.assert(
    fc.asyncProperty(asked, async (way) => {
      if (!holds(source, way)) return;
      try {
        const { bytes } = await readConfined(way, { roots: [root], exists: "file" }, 100);
        expect(bytes.toString()).toBe("fine");
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        expect(error.message).not.toContain(LEAK);
      }
    }),
    { numRuns: 500 },
  );
});

test("a folder that is a link out by now is refused", async () => {
  const path = tree();
  const rule = { roots: [join(path, "in")], exists: "dir" } as const;
  const source: FolderSource = { kind: "folder", base: "x:///", path: join(path, "in/door"), rule, files: ["**"] };
  await expect(listFolder(source)).rejects.toThrow(/which is not inside/);
});
