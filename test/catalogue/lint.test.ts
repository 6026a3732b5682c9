// Each pair in lint/ is a catalogue about one rule, with what breaks it and what does not, and what `mcpfier lint` finds there.
import { globSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { lintCatalogue } from "../../src/catalogue/lint.ts";
import { lintRules } from "../../src/catalogue/lint/registry.ts";
import { RESERVED } from "../../src/cli/words.ts";
import { type Ran, folder, host, mcpfier } from "../rig.ts";

const HERE = join(import.meta.dirname, "lint");
const ROOT = resolve(import.meta.dirname, "../..");
const ids = lintRules.map(({ id }) => id);

/** What is found in a catalogue, a line for each, but for the programs that this machine lacks. */
async function found(file: string): Promise<string> {
  const { problems } = await lintCatalogue(file, { host, reserved: RESERVED });
  return problems
    .filter(({ rule }) => rule !== "program-missing")
    .map(({ line, column, endColumn, severity, rule, message, hint }) => {
      return `${line}:${column}-${endColumn} ${severity} ${rule}: ${message} (${hint})\n`;
    })
    .join("");
}

describe("lint", () => {
  it.each(ids)("finds what breaks the rule %s, and not what does not", async (id) => {
    const golden = readFileSync(join(HERE, `${id}.txt`), "utf8");
    expect(await found(join(HERE, `${id}.yaml`))).toBe(golden);
    expect(golden).toContain(` ${id}: `);
  });

  it("has no catalogue there without a rule", () => {
    const names = readdirSync(HERE).map((name) => name.replace(/\.\w+$/, ""));
    expect(new Set(names)).toEqual(new Set(ids));
  });

  it.each(["mcpfier.yaml", ...globSync("examples/*/mcpfier.yaml", { cwd: ROOT })])(
    "finds nothing in %s",
    async (file) => {
      expect(await found(join(ROOT, file))).toBe("");
    },
  );
});

describe("mcpfier lint", () => {
  const GOOD = "commands:\n  - { name: hello, description: Says hello., run: [echo, hello] }\n";
  const ADVISED = "commands:\n  - { name: hello, description: Says hello., run: [rm, hello] }\n";
  const FILES = { "good.yaml": GOOD, "advised.yaml": ADVISED, "bad.yaml": "commands: 1\n" };
  const lint = (...words: readonly string[]): Promise<Ran> => mcpfier(["lint", ...words], { cwd: folder(FILES) });

  it.each<[string, readonly string[], number]>([
    ["0 where nothing is found", ["good.yaml"], 0],
    ["1 where something is", ["advised.yaml"], 1],
    ["0 where only errors count, and there are none", ["advised.yaml", "--failure-threshold", "error"], 0],
    ["1 where there are errors", ["bad.yaml", "--failure-threshold", "error"], 1],
    ["2 for a threshold that there is not", ["good.yaml", "--failure-threshold", "hint"], 2],
    ["3 for a file that is not there", ["absent.yaml"], 3],
  ])("exits with %s", async (_, words, code) => {
    expect((await lint(...words)).code).toBe(code);
  });

  it("prints a finding in every form of validate", async () => {
    const message = "`rm` is destructive, and clients are told `effect: write`";
    expect((await lint("advised.yaml")).stdout).toContain(`advised.yaml:2:7: warning[understated-effect]: ${message}\n`);
    const { stdout } = await lint("advised.yaml", "--format", "jsonl");
    expect(stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ kind: "understated-effect", severity: "warning", filepath: "advised.yaml", line: 2, message }),
    ]);
    const { runs } = JSON.parse((await lint("advised.yaml", "--format", "sarif")).stdout) as {
      readonly runs: readonly { readonly tool: { readonly driver: { readonly rules: unknown } } }[];
    };
    expect(runs[0]?.tool.driver.rules).toEqual([
      { id: "understated-effect", shortDescription: { text: expect.stringContaining("milder") } },
    ]);
  });

  it("has a warning of validate not told where a comment says so, and an error all the same", async () => {
    const text = `# mcpfier-ignore-file: missing-description, unknown-key\ncommands:\n  - { name: a, run: [ls] }\n`;
    const cwd = folder({ "ignored.yaml": text, "error.yaml": `${text}what: 1\n` });
    expect(await mcpfier(["validate", "ignored.yaml"], { cwd })).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "mcpfier: ignored.yaml: 1 command, no problems\n",
    });
    const { code, stdout } = await mcpfier(["validate", "error.yaml", "--format", "concise"], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error\.yaml:4:1: error: .* \[unknown-key\]\n$/);
    expect((await mcpfier(["validate", "ignored.yaml", "--failure-threshold", "warning"], { cwd })).code).toBe(0);
  });
});
