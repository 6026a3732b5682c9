import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { sampleArguments } from "../../src/cli/sample.ts";
import { RESERVED } from "../../src/cli/words.ts";
import type { Command } from "../../src/command/command.ts";
import { folder, host, mcpfier } from "../rig.ts";
import { type ToolSeen, clients } from "./clients.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const EXAMPLES = readdirSync(join(ROOT, "examples"));

async function commandsOf(file: string): Promise<readonly Command[]> {
  const { catalogue, problems } = await loadCatalogue(file, { host, reserved: RESERVED });
  expect(problems.filter((problem) => problem.severity === "error")).toEqual([]);
  return catalogue?.commands ?? [];
}

/** A clone to work in, with the catalogues as they are now: one of the tools writes, and git wants a history. */
function workshop(room: string): string {
  const path = join(room, "clone");
  execFileSync("git", ["clone", "--quiet", "--no-hardlinks", ROOT, path]);
  for (const name of ["mcpfier.yaml", "examples", "schemas"])
    cpSync(join(ROOT, name), join(path, name), { recursive: true });
  writeFileSync(join(path, "examples/json/package.json"), '{ "name": "sample", "version": "1.0.0" }');
  writeFileSync(join(path, "examples/json/people.csv"), CSV);
  return path;
}

const CSV = "name,age\nAda,36\nGrace,45\n";

/** No tool of the examples writes, so they share a clone. */
let shared = "";
beforeAll(() => {
  shared = workshop(mkdtempSync(join(tmpdir(), "mcpfier-test-")));
});
afterAll(() => rmSync(dirname(shared), { recursive: true }));

/** What the examples whose programs `scripts/test` installs are called with, and what must come back. */
const CALLS: Readonly<Record<string, Readonly<Record<string, readonly [args: object, text: RegExp]>>>> = {
  ripgrep: {
    search_code: [{ pattern: "yaml-language-server" }, /mcpfier\.yaml:1:/],
    list_files: [{}, /mcpfier\.yaml\n/],
  },
  "git-log": {
    history: [{}, /^[0-9a-f]{7,} /],
    commit: [{ revision: "HEAD" }, /^commit [0-9a-f]{40}/],
    line_history: [{ file: "mcpfier.yaml", first: 1, last: 2 }, /yaml-language-server/],
  },
  json: {
    package_info: [{ file: "package.json" }, /"name": "sample"/],
    json_keys: [{ file: "package.json" }, /"pointer":"\/name"/],
    json_value: [{ file: "package.json", pointer: "/version" }, /"1\.0\.0"/],
    csv_rows: [{ file: "people.csv" }, /Grace/],
  },
};

/** The tools of the catalogue, without those of mcpfier itself. */
function namesOf(tools: readonly ToolSeen[]): readonly string[] {
  return tools.map((tool) => tool.name).filter((name) => !name.startsWith("mcpfier_"));
}

describe.each(clients)("$name", ({ name, open }) => {
  test("lists and calls every tool of the shipped catalogue", { timeout: 180_000 }, async () => {
    const file = join(workshop(folder()), "mcpfier.yaml");
    const commands = await commandsOf(file);
    const session = await open(file);
    const tools = await session.tools();
    expect(namesOf(tools)).toEqual(commands.map((command) => command.name));
    for (const command of commands) {
      const answer = await session.call(command.name, sampleArguments(command));
      // A look-up may fail where there is no network; that it was refused would be ours.
      expect([command.name, answer._meta?.["mcpfier/call"]?.["outcome"]]).toEqual([
        command.name,
        expect.stringMatching(/^(?:completed|failed)$/),
      ]);
      expect(answer.content[0]).toMatchObject({ type: "text", text: expect.stringMatching(/\S/) });
    }
  });

  // SDK 2 in the old era says what SDK 1 says.
  test.each(name === "SDK 2 (legacy)" ? [] : EXAMPLES)(
    "lists the tools of examples/%s, and calls those whose program is installed",
    { timeout: 120_000 },
    async (example) => {
      const file = join(shared, "examples", example, "mcpfier.yaml");
      const commands = await commandsOf(file);
      const session = await open(file);
      expect(namesOf(await session.tools())).toEqual(commands.map((command) => command.name));
      const calls = CALLS[example] ?? {};
      if (CALLS[example]) expect(Object.keys(calls)).toEqual(commands.map((command) => command.name));
      for (const [tool, [args, text]] of Object.entries(calls)) {
        const answer = await session.call(tool, { ...args });
        const outcome = answer._meta?.["mcpfier/call"]?.["outcome"];
        expect([tool, outcome, answer.content[0]?.text]).toEqual([tool, "completed", expect.stringMatching(text)]);
      }
    },
  );
});

test.each(EXAMPLES.filter((example) => !CALLS[example]))(
  "examples/%s, whose program is not installed, is shown by dry run",
  async (example) => {
    const { stdout, code } = await mcpfier(["--dry-run", "-c", join(ROOT, "examples", example, "mcpfier.yaml")]);
    expect(code).toBe(0);
    const plans = JSON.parse(stdout) as { outcome: string; plan?: { argv: string[] } }[];
    expect(plans.map((each) => each.outcome)).toEqual(plans.map(() => "planned"));
  },
);
