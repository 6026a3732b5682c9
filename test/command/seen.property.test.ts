// Where a container sees what: whatever is mounted where, a path means the same file on both sides, or it is not passed on.
import { posix } from "node:path";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type Shown, seenAt, standsAt } from "../../src/command/seen.ts";
import { anyText } from "./hostile.ts";

/** Few names, so that what is mounted lies below and beside and over one another. */
const NAME = fc.constantFrom("a", "a-b", "b", "..a", "-a", "a b", "a:b");
const STRANGE = anyText.map((text) => text.replaceAll(/[/\0]/g, "")).filter((text) => !["", ".", ".."].includes(text));
const folderOf = (name: fc.Arbitrary<string>, least: number): fc.Arbitrary<string> =>
  fc.array(name, { minLength: least, maxLength: 4 }).map((names) => `/${names.join("/")}`);
const FOLDER = folderOf(NAME, 1);
const PATH = fc.oneof(folderOf(NAME, 1), folderOf(fc.oneof(NAME, STRANGE), 1));
const SHOWN: fc.Arbitrary<readonly Shown[]> = fc.uniqueArray(
  fc.record({ target: FOLDER, source: fc.option(folderOf(NAME, 0), { freq: 4 }) }),
  { maxLength: 6, selector: ({ target }) => target },
);

/** What an engine does: it mounts one after the other, the shortest target first, and a path leads through the last. */
function engine(inside: string, shown: readonly Shown[]): string | null {
  let found: string | null = null;
  for (const { source, target } of shown.toSorted((a, b) => a.target.split("/").length - b.target.split("/").length)) {
    const names = target.split("/");
    const way = inside.split("/");
    if (!names.every((name, index) => way[index] === name)) continue;
    found = source === null ? null : posix.join(source, ...way.slice(names.length));
  }
  return found;
}

describe("a path of the host", () => {
  it("is, where it is seen, the same file as the engine finds there", () => {
    fc.assert(
      fc.property(PATH, SHOWN, (path, shown) => {
        const seen = seenAt(path, shown);
        if (seen !== null) expect(engine(seen, shown)).toBe(path);
      }),
      { numRuns: 5000 },
    );
  });

  it("is not seen only where nothing that holds it shows it", () => {
    fc.assert(
      fc.property(PATH, SHOWN, (path, shown) => {
        if (seenAt(path, shown) !== null) return;
        for (const { source, target } of shown) {
          if (source === null) continue;
          const way =
            path === source ? "" : path.startsWith(posix.join(source, "/")) ? path.slice(source.length) : null;
          if (way !== null) expect(engine(posix.join(target, way), shown)).not.toBe(path);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it("is seen below the target of the closest mount where nothing is mounted over another one", () => {
    fc.assert(
      fc.property(PATH, fc.uniqueArray(FOLDER, { minLength: 1, maxLength: 5 }), (path, sources) => {
        const shown = sources.map((source, index) => ({ source, target: `/m${index}` }));
        const [closest] = shown
          .filter(({ source }) => path === source || path.startsWith(`${source}/`))
          .toSorted((a, b) => b.source.length - a.source.length);
        expect(seenAt(path, shown)).toBe(closest ? closest.target + path.slice(closest.source.length) : null);
      }),
      { numRuns: 5000 },
    );
  });
});

test("a path inside stands for what the engine finds there", () => {
  fc.assert(
    fc.property(PATH, SHOWN, (inside, shown) => {
      expect(standsAt(inside, shown)).toBe(engine(inside, shown));
    }),
    { numRuns: 5000 },
  );
});

test.each<readonly [string, readonly Shown[], string | null]>([
  ["/a-b/c", [{ source: "/a", target: "/x" }], null],
  ["/a/..b", [{ source: "/a", target: "/x" }], "/x/..b"],
  ["/a", [{ source: "/a", target: "/x" }], "/x"],
  ["/a/b", [{ source: "/", target: "/x" }], "/x/a/b"],
  [
    "/a/y",
    [
      { source: "/a", target: "/x" },
      { source: "/b", target: "/x/y" },
    ],
    null,
  ],
  [
    "/a/y",
    [
      { source: "/a", target: "/x" },
      { source: null, target: "/x/y" },
    ],
    null,
  ],
  [
    "/a/y",
    [
      { source: "/a", target: "/x" },
      { source: "/b", target: "/x/y" },
      { source: "/a/y", target: "/z" },
    ],
    "/z",
  ],
  [
    "/a/y",
    [
      { source: "/a", target: "/x" },
      { source: "/a", target: "/w" },
    ],
    "/x/y",
  ],
  [
    "/a/y",
    [
      { source: "/a", target: "/x" },
      { source: null, target: "/x/y" },
      { source: "/a", target: "/w" },
    ],
    "/w/y",
  ],
])("%s is seen through %j at %s", (path, shown, expected) => {
  expect(seenAt(path, shown)).toBe(expected);
});
