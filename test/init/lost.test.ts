// What a source says and a catalogue cannot, or what is easily overlooked: it is made, or listed.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { RESERVED } from "../../src/cli/words.ts";
import { draftFrom } from "../../src/init/source.ts";
import { folder } from "../rig.ts";
import { madeFrom, reallyMade } from "./made.ts";

interface Sample {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly tools?: readonly string[];
  readonly notes?: readonly RegExp[];
  /** What the text of the catalogue holds. */
  readonly holds?: readonly (string | RegExp)[];
}

const api = (paths: string): string =>
  `openapi: 3.0.0\ninfo: { title: T }\nservers: [{ url: "https://x.example.org" }]\npaths:\n${paths}`;

const SAMPLES: readonly Sample[] = [
  {
    what: "arguments of just that are options, patterns of just, and variants for systems",
    file: "justfile",
    text: `[arg("where", long="to")]\nsend where:\n  echo\n[arg("long", pattern="a+")]\nfit long:\n  echo\n[linux]\nopen:\n  xdg-open\n[windows]\nopen what:\n  start\n[macos]\nopen:\n  open\n`,
    tools: ["just_fit", "just_open"],
    notes: [/^recipe `send`: some of its arguments are options/],
    holds: ["patterns of its own", /run: \[just, "?--"?, open\]/],
  },
  {
    what: "a recipe behind its rule, and targets that are made at once",
    file: "Makefile",
    text: ".PHONY: check\ncheck: all; @echo checking\na b &: c\n\ttouch a b\nall: ## Builds everything; and more\n",
    tools: ["make_check", "make_a", "make_b", "make_all"],
    holds: [/echo checking/, "Builds everything; and more"],
  },
  {
    what: "variables that say which program a recipe runs",
    file: "Makefile",
    text: "GEN ?= bin/gen\nTOOLS ?= /opt/tools\nOUT ?= out\nOLD ?= old\ngen: ## Makes the code again\n\t@$(GEN) -o $(OUT) && A=1 ${TOOLS}/fmt $(OLD)\n",
    tools: ["make_gen"],
    holds: [
      /run: \[make, gen, "?OUT=\$\{\{ OUT \}\}"?, "?OLD=/,
      "it also uses GEN, TOOLS, which a model should not choose",
    ],
  },
  {
    what: "variables of a task that say which program it runs",
    file: "Taskfile.yml",
    text: `version: '3'\ntasks:\n  vet:\n    desc: Looks for faults in it.\n    requires: { vars: [BIN] }\n    cmds: ['{{.TOOL | default "go"}} vet {{.DIR | default "src"}}', 'A=1 {{.BIN}} x']\n`,
    tools: ["task_vet"],
    holds: [
      /run: \[task, vet, "BIN=\$\{\{ BIN \}\}", "DIR=\$\{\{ DIR \}\}"\]/,
      "it also uses TOOL, which a model should not choose",
      "its BIN seems to choose what is run",
    ],
  },
  {
    what: "an argument of a recipe that sounds like a program",
    file: "justfile",
    text: "# Runs it in the machine\nexec +CMD:\n  echo {{CMD}}\n",
    tools: ["just_exec"],
    holds: [/its `CMD` seems to\s+(?:# +)?choose what is run/],
  },
  {
    what: "keys that YAML merges in",
    file: "Taskfile.yml",
    text: "version: '3'\nx: &x { desc: Prints what is shared., cmds: ['true'] }\ntasks:\n  a:\n    <<: *x\n",
    tools: ["task_a"],
    holds: ["Prints what is shared."],
  },
  {
    what: "variables with a default in the lines of a task",
    file: "Taskfile.yml",
    text: `version: '3'\nvars: { ALL: '{{.ALL | default "c"}}', UNUSED: '{{.UNUSED | default "d"}}' }\ntasks:\n  a:\n    vars: { OWN: x }\n    cmds: ['echo {{.WHO | default "you"}} {{default "b" .HOW}} {{.OWN | default "z"}} {{.ALL}}']\n`,
    tools: ["task_a"],
    holds: [
      "WHO=${{ WHO }}",
      /ALL=\$\{\{ ALL \}\}", "?WHO=\$\{\{ WHO \}\}", "?HOW=\$\{\{ HOW \}\}"\]/,
      "it is you otherwise",
    ],
  },
  {
    what: "references that lead nowhere, patterns and defaults that cannot be kept",
    file: "api.yaml",
    text: api(`  /a:
    get:
      summary: Lists what there is.
      parameters:
        - { name: p, in: query, schema: { $ref: "#/components/schemas/Gone" } }
        - { name: q, in: query, schema: { $ref: "other.yaml#/X" } }
        - { name: r, in: query, schema: { type: string, pattern: "^(?=a)b$" } }
        - { name: s, in: query, schema: { type: integer, default: many } }
  /b: { $ref: "paths.yaml#/b" }
  /c:
    post:
      summary: Sends a file.
      requestBody: { content: { multipart/form-data: { schema: { type: object } } } }
  /head:
    head: { summary: Head it }
`),
    tools: ["get_a", "post_c", "head_head"],
    notes: [
      /^GET \/a: of `r`, the pattern `\^\(\?=a\)b\$` is left out/,
      /^GET \/a: of `s`, a default is left out/,
      /^GET \/a: `#\/components\/schemas\/Gone` is not in this file/,
      /^GET \/a: `other\.yaml#\/X` is not in this file/,
      /^\/b: `paths\.yaml#\/b` is not in this file/,
      /^POST \/c: its body is multipart\/form-data, which is not made here; the command sends none/,
    ],
  },
  {
    what: "defaults inside of a body, and those that are bound by more than a type",
    file: "api.yaml",
    text: api(`  /a:
    post:
      summary: Adds one thing to the list.
      parameters:
        - { name: n, in: query, schema: { type: integer, minimum: 1, default: 20 } }
        - { name: m, in: query, schema: { type: integer, default: 3 } }
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties: { o: { type: object, properties: { p: { type: string, default: x } } } }
`),
    tools: ["post_a"],
    notes: [
      /^POST \/a: of `n`, the default 20 is left to the service/,
      /^POST \/a: of `o`, the default "x" is left to the service, inside of it/,
    ],
    holds: ["default: 3"],
  },
  {
    what: "tasks that are none, or for another system",
    file: "Taskfile.yml",
    text: `version: '3'\ntasks:\n  bad: 5\n  win: { platforms: [windows, plan9/amd64], cmds: ['dir'] }\n  here: { desc: Lists what is here., platforms: [plan9, ${process.platform}], cmds: ['ls'] }\n`,
    tools: ["task_here"],
    notes: [/^task `bad`: it is no task$/, /^task `win`: it is for windows, plan9\/amd64 only$/],
  },
  {
    what: "secrets that a recipe knows itself",
    file: "justfile",
    text: `# Sends what was built.\ndeploy env $TOKEN="a b" region="eu":\n  echo\n# Greets somebody.\ngreet *password:\n  echo\n`,
    tools: ["just_deploy", "just_greet"],
    notes: [
      /^recipe `deploy`: `TOKEN` is left out, a secret .* argument, and what stands behind it \(`region`\)$/,
      /^recipe `greet`: `password` is left out, a secret that every process could read as an argument$/,
    ],
    holds: [/run: \[just, "?--"?, deploy, "\$\{\{ env \}\}"\]/, /run: \[just, "?--"?, greet\]/],
  },
  {
    what: "styles of parameters",
    file: "api.yaml",
    text: api(`  /a/{l}/{m}{n}:
    get:
      summary: Lists what there is.
      parameters:
        - { name: l, in: path, required: true, style: label, explode: true, schema: { type: array, items: { type: string } } }
        - { name: m, in: path, required: true, style: matrix, schema: { type: string } }
        - { name: n, in: path, required: true, style: matrix, schema: { type: array, items: { type: integer } } }
        - { name: p, in: query, style: pipeDelimited, explode: false, schema: { type: array, items: { type: string } } }
        - { name: s, in: query, style: spaceDelimited, schema: { type: [array, "null"], items: { type: string } } }
        - { name: e, in: query, style: pipeDelimited, explode: true, schema: { type: array } }
        - { name: d, in: query, style: deepObject, schema: { type: object } }
        - { name: o, in: query, schema: { properties: { a: { type: string } } } }
        - { name: x, in: query, style: x-own, schema: { type: string } }
  /b/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, style: matrix, explode: true, schema: { type: array } }]
`),
    tools: ["get_a_l_mn"],
    notes: [
      /^GET \/a\S+: `e` is left out: `style: pipeDelimited` with `explode` is not made here$/,
      /^GET \/a\S+: `d` is left out: it is a map/,
      /^GET \/a\S+: `o` is left out: it is a map/,
      /^GET \/a\S+: `x` is left out: `style: x-own` is not made here$/,
      /^GET \/b\/\{id\}: it requires `id`: `style: matrix` with `explode` is not made here$/,
    ],
    holds: [
      "/a/.${{ l }}/;m=${{ m }};n=${{ n }}?p=${{ p }}&s=${{ s }}",
      /\n {6}l: .*join: "\." \}\n[^]*\n {6}p: .*join: "\|" \}\n {6}s: .*join: " " \}\n/,
    ],
  },
  {
    what: "what people write about tests",
    file: "Makefile",
    text: "test lint: ## test or lint\n\ttrue\nparse: ## Test the parser with fixtures\n\ttrue\nrun: ## Run\n\tmake run\n",
    tools: ["make_test", "make_lint", "make_parse", "make_run"],
    holds: ["Test the parser with fixtures."],
  },
];

it.each(SAMPLES)(
  "makes or lists $what, and lint finds nothing",
  async ({ file, text, tools = [], notes = [], holds = [] }) => {
    const made = await reallyMade(file, folder({ [file]: text }));
    expect(made.catalogue.commands.map(({ name }) => name)).toEqual(tools);
    expect(made.draft.notes).toEqual(notes.map((note) => expect.stringMatching(note) as unknown));
    for (const part of holds) expect(made.text).toMatch(part);
    expect(made.problems).toEqual([]);
  },
);

it("tells what just itself has against a justfile", async () => {
  const path = folder({ justfile: "a = 'b'\nbuild:\n  make\n" });
  const fault = "error: expected ':', but found '='\\n  --> justfile:1:3\\n";
  writeFileSync(join(path, "just"), `#!/bin/sh\nprintf "${fault}" >&2\nexit 1\n`, { mode: 0o755 });
  const draft = await draftFrom({ source: "justfile", cwd: path, folder: path }, { reserved: RESERVED, path });
  expect(draft).toMatchObject({
    commands: [{ name: "just_build" }],
    notes: [/^just itself does not take it, and runs nothing of it: expected ':', but found '='$/, /^`a = 'b'`/].map(
      (note) => expect.stringMatching(note) as unknown,
    ),
  });
});

it.each([
  ["Taskfile.yml", "version: '3'\ntasks:\n  a: [\n", /^line \d: it is no YAML: /],
  ["Taskfile.yml", "version: '3'\nincludes: { a: x.yml }\n", /no map of `tasks`; import those that it includes .*: a$/],
  ["api.yaml", "openapi: 3.0.0\npaths: {\n", /is of no kind that is known \(line \d: it is no YAML: .*\); say which/],
  ["package.json", "{ no", /^line \d: it is no YAML: /],
  ["mcpshell:tools.yaml", "mcp:\n  tools: [\n", /^line \d: it is no YAML: /],
  ["gen-mcp:mcpfile.yaml", "tools:\n - a: [\n", /^line \d: it is no YAML: /],
])("tells where %s cannot be read", async (file, text, expected) => {
  expect(await madeFrom(file, folder({ [file.replace(/^.*:/, "")]: text }))).toMatch(expected);
});
