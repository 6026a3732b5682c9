import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine.ts";
import { readDump } from "../../src/init/importers/justfile.ts";
import { parseJustfile } from "../../src/init/justfile.ts";
import { atEnd, folder, host } from "../rig.ts";
import { type MadeHere, madeFrom, reallyMade } from "./made.ts";
import { commit } from "./repository.ts";

const SOURCES = resolve(import.meta.dirname, "sources");
/** Why each call is only planned where it is: its program is not on every machine, or its service nowhere. */
const PLANNED = { just: "not installed", task: "not installed", service: "not there" } as const;

interface Sample {
  readonly source: string;
  readonly tools: number;
  readonly call: readonly [tool: string, args: Record<string, unknown>];
  /** What is printed, or planned. */
  readonly expected: RegExp;
  readonly planned?: keyof typeof PLANNED;
}

const SAMPLES: readonly Sample[] = [
  {
    source: "web/justfile",
    tools: 7,
    call: ["just_build", { target: "ios", flags_2: ["a", "b"] }],
    expected: /"just","--","build","ios","a","b"/,
    planned: "just",
  },
  {
    source: "rust/justfile",
    tools: 6,
    call: ["just_test", { crate: "core" }],
    expected: /"just","--","test","core"/,
    planned: "just",
  },
  { source: "go/Makefile", tools: 9, call: ["make_print_version", { VERSION: "1.2.3" }], expected: /version=1\.2\.3/ },
  { source: "c/GNUmakefile", tools: 7, call: ["make_greet", { NAME: "you" }], expected: /hello you/ },
  { source: "docs/Makefile", tools: 3, call: ["make_list", { BUILDDIR: "out" }], expected: /out/ },
  {
    source: "task/Taskfile.yml",
    tools: 5,
    call: ["task_build", { OS: "darwin" }],
    expected: /"task","build","OS=darwin"/,
    planned: "task",
  },
  {
    source: "petstore/openapi.yaml",
    tools: 9,
    call: ["find_pets_by_status", {}],
    expected: /localhost:8080\/api\/v3\/pet\/findByStatus\?status=available/,
    planned: "service",
  },
  {
    source: "orders/api.json",
    tools: 5,
    call: ["get_orders", { page_size: 5, status: ["open", "done"] }],
    expected: /eu\.orders\.example\.org\/v2\/orders\?page%5Bsize%5D=5&status=open%2Cdone/,
    planned: "service",
  },
  { source: "mcpshell/tools.yaml", tools: 4, call: ["hello_world", { name: "$(id)" }], expected: /Hello, \$\(id\)!/ },
  { source: "gen-mcp/mcpfile.yaml", tools: 6, call: ["version", {}], expected: /git version/ },
];

async function madeOf(source: string): Promise<MadeHere> {
  const path = folder();
  cpSync(join(SOURCES, dirname(source)), path, { recursive: true });
  return reallyMade(basename(source), path);
}

/** What a call prints or would run, as text. */
async function called({ catalogue }: MadeHere, [tool, args]: Sample["call"], dryRun = false): Promise<string> {
  const engine = createEngine(catalogue, host, { records: folder() });
  atEnd(() => engine.close());
  const outcome = await engine.call({ tool, arguments: args, dryRun });
  expect(outcome).toMatchObject({ kind: dryRun ? "planned" : "completed" });
  return JSON.stringify(outcome.kind === "planned" ? outcome.plan : outcome);
}

describe("init --from", () => {
  it.each(SAMPLES.map((sample) => [sample.source, sample] as const))(
    "makes of %s what is valid and runs",
    async (_, sample) => {
      const made = await madeOf(sample.source);
      expect(made.problems).toEqual([]);
      expect(made.catalogue.commands).toHaveLength(sample.tools);
      expect(await called(made, sample.call, sample.planned !== undefined)).toMatch(sample.expected);
    },
  );

  it("makes of this repository's package.json a command for each script", async () => {
    const path = folder({
      "package.json": readFileSync("package.json", "utf8").replace("node scripts/docs.ts", "echo built"),
    });
    const made = await reallyMade("package.json", path);
    expect(made.problems).toEqual([]);
    expect(made.draft.notes).toEqual(["script `prepack`: npm runs it by itself, before or after another"]);
    expect(await called(made, ["npm_docs", {}])).toMatch(/built/);
  });

  it("makes of `git --help` its subcommands, with their options, and runs one", async () => {
    const path = folder({ "a.txt": "a\n" });
    commit(path, "the first one");
    const made = await reallyMade("git --help", path);
    expect(made.problems).toEqual([]);
    expect(made.catalogue.commands.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["git_log", "git_status", "git_rm"]),
    );
    const effects = Object.fromEntries(made.catalogue.commands.map(({ name, effect }) => [name, effect]));
    expect(effects).toMatchObject({ git_log: "read", git_commit: "write", git_rm: "destructive" });
    expect(made.draft.notes.join("\n")).toMatch(/git grep: .*--open-files-in-pager/);
    expect(await called(made, ["git_log", { paths: ["a.txt"] }])).toMatch(/the first one/);
  });

  it("makes of `tar --help` one command, whose files lie in the workspace", async () => {
    const path = folder({ "a.txt": "a\n" });
    const made = await reallyMade("help:tar", path);
    expect(made.problems).toEqual([]);
    expect(await called(made, ["tar", { create: true, file: "a.tar", directory: ".", files: ["a.txt"] }])).toContain(
      "completed",
    );
    expect(await called(made, ["tar", { list: true, file: "a.tar" }])).toMatch(/a\.txt/);
    const properties = JSON.stringify(made.catalogue.commands[0]?.inputSchema);
    for (const option of ["to_command", "use_compress_program", "rsh_command"])
      expect(properties).not.toContain(option);
  });

  it("lets no value of a shell template begin with a dash where it would be an option", async () => {
    const path = folder({
      "mcpfile.yaml":
        'mcpFileVersion: "0.1.0"\ntools:\n  - name: heads\n    inputSchema: { type: object, properties: { text: { type: string } } }\n' +
        "    invocation: { cli: { command: 'grep -r {text} | head' } }\n",
      "shell.yaml":
        "mcp: { tools: [{ name: heads, params: { text: { type: string } }, run: { command: 'grep -r {{ .text }} | head' } }] }\n",
    });
    for (const source of ["mcpfile.yaml", "shell.yaml"]) {
      const { catalogue } = await reallyMade(source, path);
      const engine = createEngine(catalogue, host, { records: folder() });
      atEnd(() => engine.close());
      expect(await engine.call({ tool: "heads", arguments: { text: "-f" }, dryRun: true }), source).toMatchObject({
        code: "arguments.invalid",
      });
    }
  });

  it("names what it did not understand on its way, and at the end of the file", async () => {
    const { text, draft } = await madeOf("mcpshell/tools.yaml");
    expect(draft.notes).toEqual([
      "tool `count_lines`: its environment `PREFIX={{ .file }}`",
      "tool `count_lines`: its `output` (prefix)",
      "tool `count_lines`: its runners firejail; `container` confines it here",
      "tool `calculator`: it writes values to `bc`, which is not known to read nothing but data",
      "tool `any_command`: a value decides which program runs",
      "tool `issues`: its command uses the template `{{ if .state }}`; write it with optional groups",
      "tool `in_python`: it puts values into `python3`, which is not known to take nothing but data",
      "tool `listed`: the type of `names` is not understood",
      "`prompts`",
    ]);
    for (const note of draft.notes) expect(text.replaceAll(/\n# {3}/g, " ")).toContain(`# - ${note}\n`);
  });

  it("gives recipes no value that a shell or make would read", async () => {
    for (const [source, tool, name] of [
      ["go/Makefile", "make_test", "PKG"],
      ["web/justfile", "just_build", "target"],
      ["task/Taskfile.yml", "task_build", "OS"],
    ] as const) {
      const { catalogue } = await madeOf(source);
      const engine = createEngine(catalogue, host, { records: folder() });
      atEnd(() => engine.close());
      for (const value of ["$(id)", "a; id", "`id`", "-x", "a\nb", "'", "{{.X}}", "$$(id)"])
        expect(await engine.call({ tool, arguments: { [name]: value }, dryRun: true }), value).toMatchObject({
          kind: "refused",
          code: "arguments.invalid",
        });
    }
  });

  it("leaves out secrets, private recipes and what asks for a program, and confirms what destroys", async () => {
    const { catalogue, draft } = await madeOf("web/justfile");
    const named = new Map(catalogue.commands.map((each) => [each.name, each]));
    expect([...named.keys()]).toEqual([
      "just_default",
      "just_build",
      "just_test",
      "just_deploy",
      "just_logs",
      "just_db_reset",
      "just_clean",
    ]);
    expect(named.get("just_deploy")).toMatchObject({
      effect: "destructive",
      description: "Deploy one or more services to a stage.",
    });
    expect(named.get("just_db_reset")).toMatchObject({
      effect: "destructive",
      description: "Throw the database away and make it anew.",
    });
    expect(draft.notes).toEqual([
      "recipe `set-token`: it wants a secret as an argument, which every process could read",
      "recipe `_login`: it is private",
    ]);
  });

  it("keeps the places of a recipe's arguments when one is left out", async () => {
    const made = await madeOf("web/justfile");
    const engine = createEngine(made.catalogue, host, { records: folder() });
    atEnd(() => engine.close());
    const outcome = await engine.call({ tool: "just_logs", arguments: { service: "a", lines: "5" }, dryRun: true });
    expect(outcome).toMatchObject({ kind: "refused", code: "constraint.failed" });
    expect(await called(made, ["just_logs", { service: "a", since: "1h", lines: "5" }], true)).toMatch(
      /"logs","a","1h","5"/,
    );
  });

  it("sends credentials from the environment, wherever the API wants them", async () => {
    const { text } = await madeOf("orders/api.json");
    expect(text).toContain('auth: { type: bearer, token: "${ORDERS_HOME_TOKEN:-unset}" }');
    expect(text).toContain(
      'auth: { type: basic, user: "${ORDERS_HOME_USER:-unset}", pass: "${ORDERS_HOME_PASSWORD:-unset}" }',
    );
    expect(text).toContain("?key=${ORDERS_HOME_API_KEY:-unset}");
    expect(text).toMatch(/type: oauth2\n\s+token_url: https:\/\/login\.example\.org\/token/);
  });

  it("reads what `just --dump` says as it reads the file itself", () => {
    const dump = {
      recipes: {
        deploy: {
          name: "deploy",
          doc: "to a stage",
          private: false,
          attributes: [{ confirm: "Sure?" }],
          parameters: [
            { name: "stage", kind: "singular", default: null },
            { name: "services", kind: "plus", default: null },
          ],
        },
        logs: {
          name: "logs",
          doc: null,
          private: false,
          attributes: [],
          parameters: [
            { name: "since", kind: "singular", default: ["variable", "x"] },
            { name: "lines", kind: "star", default: "100" },
          ],
        },
        hidden: { name: "hidden", doc: null, private: true, attributes: ["private"], parameters: [] },
      },
      modules: {},
    };
    const text =
      "# to a stage\n[confirm('Sure?')]\ndeploy stage +services:\n\techo\n\nlogs since=x *lines='100':\n\techo\n\n[private]\nhidden:\n\techo\n";
    expect(readDump(dump)).toEqual(parseJustfile(text));
  });

  it.each([
    ["nothing.txt", /cannot read .*nothing\.txt: it is gone/],
    ["notes.txt", /of no kind that is known; say which by `--from KIND:notes\.txt`, one of package\.json, just, make/],
    ["maek:Makefile", /"maek" is no kind: did you mean "make"/],
    ["package.json:list.json", /it is not a JSON object/],
    ["old.json", /expected OpenAPI 3\.0 or 3\.1, came 2\.0/],
    ["bomb.yaml", /of no kind that is known/],
    ["latin.mk", /it is not UTF-8/],
    [".", /is a folder; name a file in it/],
    ["help:no-such-program", /`no-such-program --help` could not be run: is it installed\?/],
    ["help:git; id", /expected a program and its subcommands.*`git;`/],
    ["empty.mk", /it has no target/],
  ])("says why nothing can be made of %s", async (source, why) => {
    const aliases = Array.from({ length: 30 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`);
    const path = folder({
      "notes.txt": "hello\n",
      "list.json": "[]",
      "old.json": '{"swagger": "2.0", "paths": {}}',
      "bomb.yaml": `a0: &a0 [x]\n${aliases.join("\n")}\nopenapi: 3.0.0\npaths: {}\n`,
      "empty.mk": "# nothing\n",
    });
    writeFileSync(join(path, "latin.mk"), Buffer.from([0x61, 0xff, 0x3a]));
    expect(await madeFrom(source, path)).toMatch(why);
  });
});
