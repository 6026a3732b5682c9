// The pages for users as a whole: what links lead to, and what blocks and command lines do.
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { Command as Parser } from "commander";
import { describe, expect, it } from "vitest";
import { expectationsOf, perform } from "../src/cli/perform.ts";
import { createParser } from "../src/cli/program.ts";
import { registry } from "../src/cli/registry.ts";
import { rehearse } from "../src/cli/rehearse.ts";
import { VERBS, withVerb } from "../src/cli/words.ts";
import { createEngine } from "../src/engine.ts";
import { folder, host, load, mcpfier } from "./rig.ts";

const ROOT = resolve(import.meta.dirname, "..");
const pages = ["README.md", ...globSync("docs/*.md", { cwd: ROOT }).toSorted()].map(
  (name) => [name, readFileSync(join(ROOT, name), "utf8")] as const,
);

/** The text of a page without its blocks. */
function prose(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, "");
}

/** The anchors that a page's headings get. */
function anchorsOf(text: string): ReadonlySet<string> {
  const titles = Array.from(prose(text).matchAll(/^#+ (.*)$/gm), ([, title = ""]) => title);
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Why a link from a file leads nowhere. */
function faultOf(from: string, link: string): string | undefined {
  const [file = "", anchor] = link.split("#");
  const path = file === "" ? from : join(dirname(from), file);
  const [found] = globSync(path, { cwd: ROOT });
  if (found === undefined) return `${from}: there is no ${path}`;
  if (anchor === undefined || anchorsOf(readFileSync(join(ROOT, path), "utf8")).has(anchor)) return undefined;
  return `${from}: ${path} has no heading #${anchor}`;
}

describe("links", () => {
  it("lead to files and headings that are there", () => {
    const linked = [...pages.map(([name]) => name), ...globSync("examples/*/README.md", { cwd: ROOT })].flatMap(
      (name) =>
        Array.from(
          prose(readFileSync(join(ROOT, name), "utf8")).matchAll(/\]\((?!https?:)([^)\s]+)\)/g),
          ([, link = ""]) => faultOf(name, link),
        ),
    );
    expect(linked.length).toBeGreaterThan(150);
    expect(linked.filter((fault) => fault !== undefined)).toEqual([]);
  });

  it("of messages, schema, templates and the manual page lead to pages that are there", () => {
    const files = globSync("{src,schemas,templates,completions,man,scripts,examples}/**/*.{ts,json,yaml,md,1}", {
      cwd: ROOT,
    });
    const faults = files.flatMap((name) =>
      Array.from(readFileSync(join(ROOT, name), "utf8").matchAll(/\bdocs\/[\w-]+\.md(?:#[\w-]+)?/g), ([link]) =>
        faultOf("README.md", link),
      ),
    );
    expect(faults.length).toBeGreaterThan(2);
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  it("lead from the list of pages to each of them, once", () => {
    const [, list = ""] = pages.find(([name]) => name === "docs/README.md") ?? [];
    for (const [path] of pages.filter(([name]) => name !== "docs/README.md"))
      expect(list.split(`](${relative("docs", path)})`), path).toHaveLength(2);
  });
});

describe("a block of YAML", () => {
  /** Their own tests have these: they are no catalogues of today, or not whole ones. */
  const others = new Set(["docs/moving.md", "docs/analytics.md"]);
  const blocks = pages
    .filter(([name]) => !others.has(name))
    .flatMap(([name, text]) =>
      Array.from(
        text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm),
        ([, yaml = ""]) => [name, /name: (\w+)/.exec(yaml)?.[1], yaml] as const,
      ),
    );

  it("stands on the pages", () => expect(blocks.length).toBeGreaterThan(25));

  it.each(blocks)("of %s, %s, loads and renders as its tests say", async (_page, _name, text) => {
    const path = folder({ "catalogue.md": "# The catalogue\n", "icon.svg": "<svg/>", "README.md": "# A project\n" });
    mkdirSync(join(path, "tools"));
    writeFileSync(join(path, "tools/more.yaml"), "commands: []\n");
    const env = { ...host.env, GITHUB_TOKEN: "x-not-a-token", REPOSITORY: undefined };
    const { catalogue, problems } = await load(text, { folder: path, host: { ...host, env } });
    // Which programs are installed is the reader's business.
    expect(problems.filter((problem) => problem.rule !== "program-missing")).toEqual([]);
    if (!catalogue) throw new Error("the example does not load");
    const engine = createEngine(catalogue, host);
    for (const command of catalogue.commands)
      for (const test of command.tests) {
        expect(await rehearse(engine, command, test), test.name).toEqual([]);
        const how = { command, test, isAllowed: true, signal: new AbortController().signal };
        if (expectationsOf(test) > 0) expect(await perform(engine, how), test.name).toEqual([]);
      }
    await engine.close();
  });
});

describe("a command line", () => {
  /** Those of blocks of shell, without their remark and what reads their output. */
  const lines = pages.flatMap(([name, text]) =>
    Array.from(text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)).flatMap(([, block = ""]) =>
      Array.from(
        block.matchAll(/^mcpfier (.*)$/gm),
        ([, words = ""]) => [name, words.replace(/ [#|] .*$/, "").trim()] as const,
      ),
    ),
  );
  /** Run by test/http, test/cli/init and test/cli/setup with what they need. */
  const elsewhere = /^serve --http|^--server|^init\b|^setup\b/;
  const here = lines.filter(
    ([, words], index) => !elsewhere.test(words) && lines.findIndex((line) => line[1] === words) === index,
  );
  const [readme, moving] = ["README.md", "docs/moving.md"].map((page) => new Map(pages).get(page) ?? "");
  const [, head = "", command = ""] = /```yaml\n(commands:\n)([\s\S]*?)```/.exec(readme ?? "") ?? [];
  const today = ["search_code", "search_files", "search_text"].map((name) => command.replace("search_code", name));
  const [, original = ""] = /# before\n([\s\S]*?)```/.exec(moving ?? "") ?? [];

  it.each(here)("of %s works: mcpfier %s", async (page, words) => {
    const cwd = folder(
      page === "docs/moving.md"
        ? { "config.yaml": original }
        : { "mcpfier.yaml": `${head}${today.join("")}analytics: { enabled: true }\n` },
    );
    const names = ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "MCPFIER_CONFIG"];
    const env = { ...Object.fromEntries(names.map((name) => [name, undefined])), HOME: folder() };
    expect(await mcpfier(words.split(/ +/), { cwd, env })).toMatchObject({ code: 0 });
  });

  it("in the text, too, has only verbs and options that there are", () => {
    const { stdout, stderr } = process;
    const everywhere = createParser({ stdout, stderr, version: "" }).options;
    const faults = pages.flatMap(([name, text]) =>
      Array.from(text.matchAll(/`mcpfier ([^`]+)`/g), ([, words = ""]) => {
        const [verb = "", ...others] = withVerb(words.trim().split(/\s+/));
        if (!VERBS.some((each) => each === verb)) return `${name}: ${words}`;
        const parser = new Parser(verb);
        registry.find((each) => each.name === verb)?.declare(parser);
        const known = new Set([...everywhere, ...parser.options].flatMap(({ short, long }) => [short, long, "--help"]));
        // What follows the name of a command are its parameters.
        const wrong =
          verb === "run" ? [] : others.filter((word) => /^--?[a-z]/.test(word) && !known.has(word.split("=")[0]));
        return wrong.length === 0 ? undefined : `${name}: ${words}`;
      }),
    );
    expect(faults.length).toBeGreaterThan(100);
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });
});
