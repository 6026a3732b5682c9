import { execFileSync } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { sampleArguments } from "../../src/cli/sample.ts";
import { RESERVED } from "../../src/cli/words.ts";
import type { Command } from "../../src/command/command.ts";
import { lookUp } from "../../src/command/lookup.ts";
import { folder, host } from "../rig.ts";
import { clients } from "./clients.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const EXAMPLES = readdirSync(join(ROOT, "examples"));

async function commandsOf(file: string): Promise<readonly Command[]> {
  const { catalogue, problems } = await loadCatalogue(file, { host, reserved: RESERVED });
  expect(problems.filter((problem) => problem.severity === "error")).toEqual([]);
  return catalogue?.commands ?? [];
}

/** A clone to work in, with the catalogues as they are now: one of the tools writes, and git wants a history. */
function workshop(): string {
  const path = join(folder(), "clone");
  execFileSync("git", ["clone", "--quiet", "--no-hardlinks", ROOT, path]);
  for (const name of ["mcpfier.yaml", "examples", "schemas"])
    cpSync(join(ROOT, name), join(path, name), { recursive: true });
  return path;
}

/** Programs that `scripts/test` installs; calls of others are shown by dry run only. */
const INSTALLED = new Set(["rg", "git", "jq", "python3"]);

function isInstalled({ program }: Command): boolean {
  return program.kind === "argv" && INSTALLED.has(program.name);
}

describe.each(clients)("$name", ({ name, open }) => {
  test("lists and calls every tool of the shipped catalogue", { timeout: 180_000 }, async () => {
    const file = join(workshop(), "mcpfier.yaml");
    const commands = await commandsOf(file);
    const session = await open(file);
    const tools = await session.tools();
    expect(tools.map((tool) => tool.name)).toEqual(commands.map((command) => command.name));
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

  test.each(EXAMPLES)(
    "lists the tools of examples/%s, and calls those whose program is installed",
    { timeout: 120_000 },
    async (example) => {
      const file = join(workshop(), "examples", example, "mcpfier.yaml");
      const commands = await commandsOf(file);
      const session = await open(file);
      expect((await session.tools()).map((tool) => tool.name)).toEqual(commands.map((command) => command.name));
      for (const command of commands.filter(isInstalled)) {
        expect([name, lookUp(command.program.kind === "argv" ? command.program.name : "", host.path)]).toEqual([
          name,
          { path: expect.any(String) },
        ]);
        const answer = await session.call(command.name, sampleArguments(command));
        expect([command.name, answer.content[0]?.text, answer._meta?.["mcpfier/call"]?.["outcome"]]).toEqual([
          command.name,
          expect.any(String),
          "completed",
        ]);
      }
    },
  );
});
