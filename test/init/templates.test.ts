import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lintCatalogue } from "../../src/catalogue/lint.ts";
import { perform, expectationsOf } from "../../src/cli/perform.ts";
import { RESERVED } from "../../src/cli/words.ts";
import { rehearse } from "../../src/cli/rehearse.ts";
import { lookUp } from "../../src/command/lookup.ts";
import { createEngine } from "../../src/engine.ts";
import { readTemplates } from "../../src/init/templates.ts";
import { atEnd, folder, host, mcpfier } from "../rig.ts";
import { commit } from "./repository.ts";

const templates = readTemplates();

/** A call of each template that is carried out where its program is on this machine, and only planned where it is not. */
const SAMPLES: Readonly<Record<string, readonly [command: string, args: object, printed: RegExp]>> = {
  data: ["json_value", { file: "package.json", pointer: "/name" }, /sample/],
  database: ["sqlite_schema", { file: "empty.db" }, /"text":""|no output/i],
  docker: ["list_images", {}, /docker/],
  git: ["git_log", {}, /first commit/],
  http: ["api_get", { path: "v1/items" }, /curl/],
  kubernetes: ["get", { kind: "pods" }, /kubectl/],
  media: ["probe_media", { input: "package.json" }, /ffprobe/],
  minimal: ["search_text", { pattern: "sample" }, /package\.json:\d+:/],
  node: ["list_scripts", {}, /hello/],
  python: ["check_syntax", { files: ["fine.py"] }, /"text":""|no output/i],
  search: ["search_code", { pattern: "sample" }, /package\.json:\d+:/],
  system: ["system_info", {}, /processors/],
};
/** Programs that talk to a service, which may not be there. */
const PLANNED = new Set(["docker", "kubectl", "curl"]);

describe("the templates", () => {
  it("are a dozen, each with a line that says what it is, and listed by --list", async () => {
    expect(templates.map(({ name }) => name)).toEqual(Object.keys(SAMPLES).toSorted());
    const { stdout } = await mcpfier(["init", "--list"]);
    for (const { name, what } of templates) {
      expect(what).toMatch(/^[A-Z].{20,}\.$/);
      expect(stdout).toContain(`  ${name.padEnd(12)}  ${what}\n`);
    }
  });

  it("are published with the package", () => {
    const { files } = JSON.parse(readFileSync("package.json", "utf8")) as { files: readonly string[] };
    expect(files).toContain("templates");
    expect(readdirSync("templates")).toHaveLength(templates.length);
  });

  it.each(templates.map(({ name, text }) => [name, text] as const))(
    "of %s is valid, renders as its tests say, prints what they say, and runs",
    async (name, text) => {
      const cwd = workspace(text);
      const { catalogue, problems } = await lintCatalogue(join(cwd, "mcpfier.yaml"), {
        host,
        reserved: RESERVED,
        text,
      });
      expect(problems.filter(({ rule }) => rule !== "program-missing")).toEqual([]);
      if (!catalogue) throw new Error("the template does not load");
      const engine = createEngine(catalogue, host, { records: folder() });
      atEnd(() => engine.close());
      for (const command of catalogue.commands) {
        expect(command.tests.length, `tests of ${command.name}`).toBeGreaterThan(0);
        for (const test of command.tests) {
          expect(await rehearse(engine, command, test), `${command.name}: ${test.name}`).toEqual([]);
          const how = { command, test, isAllowed: false, signal: new AbortController().signal };
          if (expectationsOf(test) > 0 && isHere(command.program))
            expect(await perform(engine, how), test.name).toEqual([]);
        }
      }
      const [command, args, printed] = SAMPLES[name] ?? ["", {}, /^/];
      const { program } = catalogue.commands.find((each) => each.name === command) ?? {};
      const isRun = program !== undefined && isHere(program) && !(program.kind === "argv" && PLANNED.has(program.name));
      const outcome = await engine.call({ tool: command, arguments: { ...args }, dryRun: !isRun });
      expect(outcome.kind).toBe(isRun ? "completed" : "planned");
      const shown = outcome.kind === "planned" ? JSON.stringify(outcome.plan) : JSON.stringify(outcome);
      expect(shown).toMatch(isRun ? printed : new RegExp(program?.kind === "argv" ? program.name : "-"));
    },
  );
});

function isHere(program: { readonly kind: string; readonly name?: string }): boolean {
  return program.kind === "shell" || (program.kind === "argv" && "path" in lookUp(program.name ?? "", host.path));
}

/** A folder in which each sample finds something. */
function workspace(text: string): string {
  const path = folder({
    "mcpfier.yaml": text,
    "package.json": '{\n  "name": "sample",\n  "scripts": { "hello": "echo hello" }\n}\n',
    "fine.py": "print(1)\n",
    "empty.db": "",
  });
  commit(path, "first commit");
  return path;
}
