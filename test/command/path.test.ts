import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../src/pipeline/call.ts";
import { engineOf, folder, host } from "../rig.ts";
import { told, yamlOf } from "./hostile.ts";

/** The path that a command would get, or the code of the refusal. */
function verdict(outcome: Outcome): string {
  if (outcome.kind === "refused") return outcome.code;
  if (outcome.kind !== "planned") throw new Error(`came ${outcome.kind}`);
  return outcome.plan.argv.slice(1).join("|");
}

type Ask = (value: unknown) => Promise<string>;

async function asking(workspace: string, words: object = {}): Promise<Ask> {
  const engine = await engineOf(
    yamlOf({
      commands: [
        { name: "t", description: "d", run: ["printf", "${{ p }}"], params: { p: { type: "path", ...words } } },
      ],
    }),
    {
      folder: workspace,
    },
  );
  return async (p) => verdict(await engine.call({ tool: "t", arguments: { p }, dryRun: true }));
}

/** `base/root` with things in it, and beside it what must stay out of reach. */
function world(): { readonly base: string; readonly root: string } {
  const base = folder({
    "root/a.txt": "a",
    "root/dir/b.txt": "b",
    "root/-dash": "",
    "root/..dots": "",
    "root/~/home.txt": "",
    "root/sp ace/ñ.txt": "",
    "root-x/secret": "s",
    roo: "s",
    "outside/secret": "s",
  });
  const root = join(base, "root");
  const link = (target: string, name: string): void => symlinkSync(target, join(root, name));
  link("a.txt", "to-file");
  link("dir", "to-dir");
  link("../outside", "out-dir");
  link("../outside/secret", "out-file");
  link(join(base, "outside"), "out-absolute");
  link("../root-x", "out-sibling");
  link("..", "up");
  link("../root/dir", "out-and-in");
  link("out-dir", "chain");
  link("nowhere", "dangling");
  link("../outside/nowhere", "dangling-out");
  link("circle-b", "circle-a");
  link("circle-a", "circle-b");
  link("self", "self");
  link("/", "slash");
  link("dangling/deeper", "dangling-deep");
  return { base, root };
}

describe("a path inside the workspace", () => {
  it.each([
    ["a.txt", "a.txt"],
    ["./a.txt", "a.txt"],
    ["dir/../a.txt", "a.txt"],
    ["dir//b.txt", "dir/b.txt"],
    ["dir/", "dir"],
    [".", ""],
    ["./", ""],
    ["-dash", "-dash"],
    ["..dots", "..dots"],
    ["~/home.txt", "~/home.txt"],
    ["~", "~"],
    ["sp ace/ñ.txt", "sp ace/ñ.txt"],
    ["to-file", "a.txt"],
    ["to-dir/b.txt", "dir/b.txt"],
    ["to-dir/new/deep.txt", "dir/new/deep.txt"],
    ["out-and-in/b.txt", "dir/b.txt"],
    ["up/root/a.txt", "a.txt"],
    ["new.txt", "new.txt"],
    ["new/deep/file", "new/deep/file"],
    ["$(touch x)", "$(touch x)"],
    ["a\nb", "a\nb"],
    ["../root/a.txt", "a.txt"],
  ])("%j becomes the real absolute path of %j", async (value, real) => {
    const { root } = world();
    const ask = await asking(root);
    expect(await ask(value)).toBe(real === "" ? root : join(root, real));
  });

  it("an absolute path is taken as it is, and a name that begins with a dash can no longer be an option", async () => {
    const { root } = world();
    const ask = await asking(root);
    expect(await ask(join(root, "a.txt"))).toBe(join(root, "a.txt"));
    expect(await ask(root)).toBe(root);
    expect((await ask("-dash")).startsWith("/")).toBe(true);
  });
});

describe("a path that leads out is refused", () => {
  it.each([
    "..",
    "../",
    "../outside/secret",
    "dir/../../outside/secret",
    "./../outside",
    "dir/../..",
    "../root-x",
    "../root-x/secret",
    "../roo",
    "/",
    "/etc/passwd",
    "//etc/passwd",
    "/proc/self/environ",
    "/proc/self/root/etc/passwd",
    "out-dir",
    "out-dir/secret",
    "out-dir/new-file",
    "out-dir/new/deeper",
    "out-file",
    "out-absolute/secret",
    "out-sibling/secret",
    "up",
    "up/outside/secret",
    "up/new",
    "chain/secret",
    "slash",
    "slash/etc/passwd",
    "../../../../../../../../etc/passwd",
    "../new",
    "to-dir/../../outside/secret",
  ])("%j", async (value) => {
    const { root } = world();
    expect(await (await asking(root))(value)).toBe("path.outside");
  });

  it("a prefix sibling given as an absolute path, too", async () => {
    const { base, root } = world();
    const ask = await asking(root);
    expect(await ask(`${root}-x`)).toBe("path.outside");
    expect(await ask(`${root}-x/secret`)).toBe("path.outside");
    expect(await ask(`${root}/../root-x/secret`)).toBe("path.outside");
    expect(await ask(join(base, "roo"))).toBe("path.outside");
    expect(await ask(base)).toBe("path.outside");
  });
});

describe("a path that cannot be resolved is refused", () => {
  it.each([
    "dangling",
    "dangling/x",
    "dangling-out",
    "dangling-out/x",
    "dangling-deep",
    "circle-a",
    "circle-a/x",
    "self",
    "self/x/y",
    "a.txt/x",
    "a.txt/x/y",
    "to-file/x",
    "",
  ])("%j", async (value) => {
    const { root } = world();
    expect(await (await asking(root))(value)).toBe("path.invalid");
  });

  it("one that is too long, as a whole or in one name", async () => {
    const { root } = world();
    const ask = await asking(root);
    expect(await ask("a/".repeat(2100))).toBe("path.invalid");
    expect(await ask("x".repeat(300))).toBe("path.invalid");
    expect(await ask(`dir/${"é".repeat(128)}`)).toBe("path.invalid");
    expect(await ask("x".repeat(255))).toBe(join(root, "x".repeat(255)));
  });

  it("one whose resolved form is too long, though what was given is not", async () => {
    const { root } = world();
    // 4,096 bytes with the closing NUL are what the system takes.
    expect(await (await asking(root))("a/".repeat(2040))).toBe("path.invalid");
  });

  it("NUL and half a surrogate pair, before anything looks at the disk", async () => {
    const { root } = world();
    const ask = await asking(root);
    expect(await ask("a.txt\0")).toBe("arguments.invalid");
    expect(await ask("a\ud800")).toBe("arguments.invalid");
  });
});

describe("`exists`", () => {
  it.each([
    ["file", "a.txt", true],
    ["file", "to-file", true],
    ["file", "dir", false],
    ["file", "new", false],
    ["dir", "dir", true],
    ["dir", "to-dir", true],
    ["dir", ".", true],
    ["dir", "a.txt", false],
    ["dir", "new", false],
    ["any", "a.txt", true],
    ["any", "dir", true],
    ["any", "new", false],
    ["any", "new/deep", false],
    ["absent", "new", true],
    ["absent", "new/deep", true],
    ["absent", "a.txt", false],
    ["absent", "dir", false],
    ["absent", "dangling", false],
    ["absent", "to-file", false],
  ] as const)("%s and %s: %s", async (exists, value, isFine) => {
    const { root } = world();
    const answer = await (await asking(root, { exists }))(value);
    if (isFine) expect(answer.startsWith(root)).toBe(true);
    else expect(answer).toBe("path.invalid");
  });

  it("does not tell what stands outside of the roots", async () => {
    const { root } = world();
    const ask = await asking(root, { exists: "file" });
    expect(await ask("../outside/secret")).toBe("path.outside");
    expect(await ask("../outside/no-such-thing")).toBe("path.outside");
  });
});

describe("roots", () => {
  it("several count side by side, relative ones begin at the workspace, and relative values at the first", async () => {
    const { base, root } = world();
    const ask = await asking(root, { within: ["dir", "../outside", "workspace-is-no-word-here"] });
    expect(await ask("b.txt")).toBe(join(root, "dir/b.txt"));
    expect(await ask(join(base, "outside/secret"))).toBe(join(base, "outside/secret"));
    expect(await ask("../out-dir/secret")).toBe(join(base, "outside/secret"));
    expect(await ask("../a.txt")).toBe("path.outside");
    expect(await ask(join(root, "a.txt"))).toBe("path.outside");
  });

  it("a symbolic link as a root means what it leads to", async () => {
    const { base, root } = world();
    symlinkSync(join(base, "outside"), join(base, "linked"));
    const ask = await asking(root, { within: [join(base, "linked")] });
    expect(await ask("secret")).toBe(join(base, "outside/secret"));
    expect(await ask(join(base, "linked/secret"))).toBe(join(base, "outside/secret"));
    expect(await ask(join(base, "outside/secret"))).toBe(join(base, "outside/secret"));
    expect(await ask("../root/a.txt")).toBe("path.outside");
  });

  it("a workspace reached through a link is the folder behind it", async () => {
    const { base, root } = world();
    symlinkSync(root, join(base, "ws"));
    const ask = await asking(join(base, "ws"));
    expect(await ask("a.txt")).toBe(join(root, "a.txt"));
    expect(await ask(join(base, "ws", "a.txt"))).toBe(join(root, "a.txt"));
    expect(await ask("../roo")).toBe("path.outside");
  });

  it("a root that becomes a link after the load does not widen what may be reached by a lexical check", async () => {
    const { base, root } = world();
    const ask = await asking(root, { within: ["later"] });
    expect(await ask("x")).toBe(join(root, "later/x"));
    symlinkSync("dir", join(root, "later"));
    expect(await ask("b.txt")).toBe(join(root, "dir/b.txt"));
    expect(await ask(join(base, "outside/secret"))).toBe("path.outside");
    expect(await ask("../out-dir/secret")).toBe("path.outside");
  });

  it("`~` is the home of the host, in `within` and not in a value", async () => {
    const { base, root } = world();
    const engine = await engineOf(
      yamlOf({
        commands: [
          {
            name: "t",
            description: "d",
            run: ["printf", "${{ p }}"],
            params: { p: { type: "path", within: ["~/docs"] } },
          },
        ],
      }),
      { folder: root, host: { ...host, home: join(base, "home") } },
    );
    mkdirSync(join(base, "home/docs"), { recursive: true });
    const ask: Ask = async (p) => verdict(await engine.call({ tool: "t", arguments: { p }, dryRun: true }));
    expect(await ask("x")).toBe(join(base, "home/docs/x"));
    expect(await ask("~/x")).toBe(join(base, "home/docs/~/x"));
    expect(await ask(join(base, "home/y"))).toBe("path.outside");
  });

  it("each path of an array is checked, and the refusal names the place", async () => {
    const { root } = world();
    const engine = await engineOf(
      yamlOf({
        commands: [
          {
            name: "t",
            description: "d",
            run: ["printf", "${{ p }}"],
            params: { p: { type: "array", items: { type: "path" }, default: ["."] } },
          },
        ],
      }),
      { folder: root },
    );
    const call = (p?: readonly string[]): Promise<Outcome> =>
      engine.call({ tool: "t", arguments: p === undefined ? {} : { p }, dryRun: true });
    expect(verdict(await call())).toBe(root);
    expect(verdict(await call(["a.txt", "to-dir"]))).toBe(`${join(root, "a.txt")}|${join(root, "dir")}`);
    const refused = await call(["a.txt", "../roo", "dangling"]);
    expect(refused).toMatchObject({ kind: "refused", code: "path.outside" });
    expect(refused.kind === "refused" && refused.problems.map((line) => line.slice(0, 5))).toEqual(["p[1]:", "p[2]:"]);
  });
});

describe("`type: path` anywhere else than at a parameter or its items is checked, too, or does not load", () => {
  it.each([
    ["a property", { type: "object", properties: { p: { type: "path" } } }, { p: "/etc/passwd" }],
    ["a branch of anyOf", { anyOf: [{ type: "path" }, { type: "integer" }] }, "/etc/passwd"],
    ["a branch of oneOf", { oneOf: [{ type: "path" }] }, "/etc/passwd"],
    ["a branch of allOf", { type: "string", allOf: [{ type: "path" }] }, "/etc/passwd"],
    ["a place of prefixItems", { type: "array", prefixItems: [{ type: "path" }] }, ["/etc/passwd"]],
    ["items of no named type", { items: { type: "path" } }, ["/etc/passwd"]],
    ["items of a list of types", { type: ["array", "null"], items: { type: "path" } }, ["/etc/passwd"]],
    ["items of items", { type: "array", items: { type: "array", items: { type: "path" } } }, [["/etc/passwd"]]],
    ["additionalProperties", { type: "object", additionalProperties: { type: "path" } }, { p: "/etc/passwd" }],
    ["contains", { type: "array", contains: { type: "path" } }, ["/etc/passwd"]],
  ])("%s", async (_place, words, value) => {
    const { root } = world();
    let answer: string;
    try {
      const engine = await engineOf(
        yamlOf({ commands: [{ name: "t", description: "d", run: ["printf", "${{ p }}"], params: { p: words } }] }),
        { folder: root },
      );
      answer = verdict(await engine.call({ tool: "t", arguments: { p: value }, dryRun: true }));
    } catch (error) {
      answer = String(error);
    }
    expect(answer).toMatch(/^path\.outside$|path-place/);
  });
});

const NAME = fc.constantFrom("a", "b", "c", "root", "root-x", "..a", "~", "-d", "é");
const STEP = fc.oneof(
  { weight: 5, arbitrary: NAME },
  { weight: 2, arbitrary: fc.constant("..") },
  { weight: 1, arbitrary: fc.constantFrom(".", "", "nowhere") },
);
const STEPS = fc.array(STEP, { minLength: 1, maxLength: 6 });
const PLACE = fc.array(NAME, { minLength: 0, maxLength: 3 });
const THING = fc.record({
  at: PLACE,
  name: NAME,
  kind: fc.constantFrom("folder", "folder", "file", "link", "link", "link-absolute"),
  target: STEPS,
});
const INPUT = fc.record({
  isAbsolute: fc.boolean(),
  from: fc.constantFrom("", "root", "root-x", "root/a"),
  steps: STEPS,
  tail: fc.constantFrom("", "", "/", "/."),
});
const WORLD = fc.record({
  things: fc.array(THING, { minLength: 4, maxLength: 24 }),
  roots: fc.constantFrom(["root"], ["root"], ["root/a"], ["root", "root-x/b"], ["b", "root"]),
  inputs: fc.array(INPUT, { minLength: 100, maxLength: 100 }),
});

it("in any tree of folders and links, an accepted path is real and inside a root, and one that is inside is accepted", async () => {
  const seen = { accepted: 0, outside: 0, invalid: 0 };
  const home = folder();
  await fc.assert(
    fc.asyncProperty(WORLD, async ({ things, roots, inputs }) => {
      const base = mkdtempSync(join(home, "w-"));
      mkdirSync(join(base, "root"));
      for (const thing of things) build(base, thing);
      const ask = await asking(join(base, "root"), { within: roots.map((root) => join(base, root)) });
      const start = realRoot(join(base, roots[0] ?? ""));
      for (const { isAbsolute, from, steps, tail } of inputs) {
        const value = `${isAbsolute ? `${join(base, from)}/` : ""}${steps.join("/")}${tail}`;
        const answer = await ask(value);
        const expected = reference(
          value,
          start,
          roots.map((root) => realRoot(join(base, root))),
        );
        // Which of two reasons is told first may differ where a link is both broken and leads out.
        const bothRefuse = answer.startsWith("path.") && expected.startsWith("path.");
        if (answer !== expected && !bothRefuse)
          throw new Error(
            `${JSON.stringify(value)} within ${roots.join(", ")}: came ${answer}, expected ${expected}\n${tree(base)}`,
          );
        if (answer === "path.outside") seen.outside++;
        else if (answer === "path.invalid") seen.invalid++;
        else {
          seen.accepted++;
          // Beside the reference: what exists of it is its own real path.
          expect(realpathSync.native(existing(answer))).toBe(existing(answer));
        }
      }
      rmSync(base, { recursive: true });
    }),
    { numRuns: 150, endOnFailure: true, reporter: told },
  );
  expect(seen.accepted + seen.outside + seen.invalid).toBeGreaterThanOrEqual(10_000);
  expect(Math.min(seen.accepted, seen.outside)).toBeGreaterThan(2000);
  expect(seen.invalid).toBeGreaterThan(300);
}, 120_000);

function build(
  base: string,
  { at, name, kind, target }: { at: readonly string[]; name: string; kind: string; target: readonly string[] },
): void {
  const place = join(base, ...at);
  try {
    mkdirSync(place, { recursive: true });
    if (!realpathSync(place).startsWith(base)) return;
    if (kind === "folder") mkdirSync(join(place, name));
    else if (kind === "file") writeFileSync(join(place, name), "", { flag: "wx" });
    else symlinkSync(kind === "link" ? target.join("/") || "." : join(base, ...target), join(place, name));
  } catch {
    // Something else stands there, or a link on the way leads nowhere.
  }
}

/** Walks the path one name at a time and reads the links itself: `..` of the value first, as text, those of links as folders. */
function reference(value: string, start: string, roots: readonly string[]): string {
  if (value === "") return "path.invalid";
  const names: string[] = [];
  for (const step of (value.startsWith("/") ? value : `${start}/${value}`).split("/")) {
    if (step === "..") names.pop();
    else if (step !== "." && step !== "") names.push(step);
  }
  const real = walk(names);
  if (real === undefined) return "path.invalid";
  const inside = roots.some((root) => real === root || `${real}/`.startsWith(root === "/" ? "/" : `${root}/`));
  return inside ? real : "path.outside";
}

/** Where names lead; undefined where a link on the way is broken or leads in a circle, or a file stands where a folder should. */
function walk(names: readonly string[], from = "", links = 0): string | undefined {
  let here = from;
  for (const [index, name] of names.entries()) {
    if (!statSync(here || "/").isDirectory()) return undefined;
    const next = `${here}/${name}`;
    const kind = kindOf(next);
    if (name === "..") here = here.slice(0, here.lastIndexOf("/"));
    else if (name === "" || name === ".") continue;
    else if (kind === "missing") return links > 0 ? undefined : [here, ...names.slice(index)].join("/");
    else if (kind === "there") here = next;
    else {
      const led = links < 40 ? follow(readlinkSync(next), here, links + 1) : undefined;
      if (led === undefined) return undefined;
      here = led;
    }
  }
  return here || "/";
}

function follow(target: string, here: string, links: number): string | undefined {
  return walk(target.split("/"), target.startsWith("/") ? "" : here, links)?.replace(/^\/$/, "");
}

function kindOf(path: string): "missing" | "link" | "there" {
  const slash = path.lastIndexOf("/");
  const parent = path.slice(0, slash) || "/";
  const entry = readdirSync(parent, { withFileTypes: true }).find((each) => each.name === path.slice(slash + 1));
  if (!entry) return "missing";
  return entry.isSymbolicLink() ? "link" : "there";
}

function realRoot(root: string): string {
  try {
    return realpathSync.native(root);
  } catch {
    return walk(root.split("/").filter((name) => name !== "")) ?? root;
  }
}

function existing(path: string): string {
  let here = path;
  while (!statSync(here, { throwIfNoEntry: false })) here = here.slice(0, here.lastIndexOf("/")) || "/";
  return here;
}

function tree(base: string): string {
  return readdirSync(base, { withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return entry.isSymbolicLink() ? `${path} -> ${readlinkSync(path)}` : `${path}${entry.isDirectory() ? "/" : ""}`;
    })
    .join("\n");
}
