import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { RULES } from "../../src/base/problem.ts";
import { type Ran, type RunOptions, folder, mcpfier } from "../rig.ts";

const GOOD = "commands:\n  - { name: hello, description: Says hello., run: [echo, hello] }\n";
const WARNED = "commands:\n  - { name: hello, run: [echo, hello] }\n";
const BAD = `commands:
  - name: hello
    description: Says hello.
    run: [echo, --, "\${{ name }}", "\${{ nmae }}"]
    params: { name: { type: string } }
    tiemout: 1s
  - { name: warned, run: [ls] }
`;

const FILES = { "good.yaml": GOOD, "warned.yaml": WARNED, "bad.yaml": BAD, "sub/odd, name%.yaml": "comands: []\n" };
const NO_COLOUR = { FORCE_COLOR: undefined, NO_COLOR: undefined, NODE_DISABLE_COLORS: undefined };

function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return mcpfier(args, { cwd: folder(FILES), ...options, env: { ...NO_COLOUR, ...options.env } });
}

interface Found {
  readonly message: string;
  readonly snippet: string;
  readonly kind: string;
  readonly severity: string;
  readonly hint: string;
  readonly filepath: string;
  readonly line: number;
  readonly column: number;
  readonly end_column: number;
}

describe("the exit code of validate", () => {
  it.each<[string, readonly string[], number]>([
    ["0 for a clean file", ["good.yaml"], 0],
    ["0 for a file with warnings only", ["warned.yaml"], 0],
    ["1 for a file with errors", ["bad.yaml"], 1],
    ["1 when one of several files has errors", ["good.yaml", "bad.yaml", "good.yaml"], 1],
    ["2 for an option that there is not", ["good.yaml", "--fromat", "json"], 2],
    ["2 for a form that there is not", ["good.yaml", "--format", "xml"], 2],
    ["2 for an option without its value", ["good.yaml", "--format"], 2],
    ["3 for a file that is not there", ["absent.yaml"], 3],
    ["3 for a file that is not there among those that are", ["bad.yaml", "absent.yaml", "good.yaml"], 3],
    ["3 for a folder", ["sub"], 3],
  ])("is %s", async (_, args, expected) => {
    const [one, other] = await Promise.all([run(["validate", ...args]), run(["--validate", ...args])]);
    expect(one.code).toBe(expected);
    expect(other).toEqual(one);
  });

  it("is 3 when no catalogue is found, and the message names where it was looked for", async () => {
    const home = folder();
    const cwd = folder();
    const { code, stdout, stderr } = await run(["--validate"], { cwd, env: { HOME: home, MCPFIER_CONFIG: undefined } });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    for (const path of [
      join(cwd, "mcpfier.yaml"),
      join(cwd, "config.yaml"),
      join(home, ".mcpfier/mcpfier.yaml"),
      "/etc/mcpfier/config.yaml",
    ])
      expect(stderr).toContain(path);
  });
});

describe("the form of validate", () => {
  it("text shows place, rule, message, line, caret and hint", async () => {
    const { stdout, stderr } = await run(["--validate", "bad.yaml"]);
    expect(stdout).toContain(
      `bad.yaml:4:41: error[unknown-parameter]: "nmae" is not a parameter of this command
    4 |     run: [echo, --, "\${{ name }}", "\${{ nmae }}"]
      |                                         ^^^^ did you mean "name"?
`,
    );
    expect(stderr).toBe("mcpfier: bad.yaml: 2 errors, 1 warning\n");
  });

  it("text prints nothing of a clean file but how many commands it has", async () => {
    expect(await run(["--validate", "good.yaml"])).toMatchObject({
      stdout: "",
      stderr: "mcpfier: good.yaml: 1 command, no problems\n",
    });
  });

  it("concise is a line for each problem, as problem matchers read it", async () => {
    const { stdout } = await run(["--validate", "bad.yaml", "--format", "concise"]);
    const matcher = /^([^:]+):(\d+):(\d+): (error|warning): (.+) \[([a-z-]+)\]$/;
    const lines = stdout.split("\n").slice(0, -1);
    expect(lines.map((line) => matcher.exec(line)?.slice(1))).toEqual([
      ["bad.yaml", "4", "41", "error", '"nmae" is not a parameter of this command', "unknown-parameter"],
      ["bad.yaml", "6", "5", "error", '"tiemout" is not a key of a command', "unknown-key"],
      ["bad.yaml", "7", "7", "warning", expect.stringContaining("no description"), "missing-description"],
    ]);
  });

  it("json has actionlint's names of fields", async () => {
    const { code, stdout } = await run(["--validate", "--format", "json", "bad.yaml", "warned.yaml"]);
    expect(code).toBe(1);
    const found = JSON.parse(stdout) as readonly Found[];
    expect(found).toHaveLength(4);
    expect(found[0]).toEqual({
      message: '"nmae" is not a parameter of this command',
      snippet: '    run: [echo, --, "${{ name }}", "${{ nmae }}"]',
      kind: "unknown-parameter",
      severity: "error",
      hint: 'did you mean "name"?',
      filepath: "bad.yaml",
      line: 4,
      column: 41,
      end_column: 44,
    });
    expect(found.map((each) => each.filepath)).toEqual(["bad.yaml", "bad.yaml", "bad.yaml", "warned.yaml"]);
    for (const { snippet, column, end_column: end } of found) expect(snippet.slice(column - 1, end)).not.toBe("");
  });

  it.each(["json", "sarif"])("%s of no problems is still JSON", async (form) => {
    const { code, stdout } = await run(["--validate", "good.yaml", `--format=${form}`]);
    expect(code).toBe(0);
    const value = JSON.parse(stdout) as unknown;
    if (form === "json") expect(value).toEqual([]);
    else expect(value).toMatchObject({ runs: [{ results: [] }] });
  });

  it("github is a workflow command for each problem, its text escaped", async () => {
    const { stdout } = await run(["--validate", "sub/odd, name%.yaml", "bad.yaml", "--format", "github"]);
    expect(stdout.split("\n")).toEqual([
      '::error file=sub/odd%2C name%25.yaml,line=1,col=1,endColumn=7,title=unknown-key::"comands" is not a key of a catalogue (did you mean "commands"?)',
      '::error file=bad.yaml,line=4,col=41,endColumn=44,title=unknown-parameter::"nmae" is not a parameter of this command (did you mean "name"?)',
      '::error file=bad.yaml,line=6,col=5,endColumn=11,title=unknown-key::"tiemout" is not a key of a command (did you mean "timeout"?)',
      expect.stringMatching(/^::warning file=bad\.yaml,line=7,col=7,endColumn=\d+,title=missing-description::/),
      "",
    ]);
  });

  it("github keeps a message that holds line breaks on one line", async () => {
    const cwd = folder({ "a.yaml": 'commands:\n  - { name: "a\\nb%", description: c, run: [ls] }\n' });
    const { stdout } = await run(["--validate", "a.yaml", "--format", "github"], { cwd });
    expect(stdout.split("\n")).toHaveLength(2);
    expect(stdout).toContain('came "a%0Ab%25"');
  });

  it("concise keeps a message that holds line breaks on one line", async () => {
    const cwd = folder({ "a.yaml": 'commands:\n  - { name: "a\\r\\nb", description: c, run: [ls] }\n' });
    const { stdout } = await run(["--validate", "a.yaml", "--format", "concise"], { cwd });
    expect(stdout.split(/[\r\n]+/)).toHaveLength(2);
  });

  it("text writes no control characters of the file to the terminal", async () => {
    const cwd = folder({
      "a.yaml":
        'commands:\n  - { name: "\\e[31mred\\a", description: c, run: [ls] }\n  - { name: b, descripton: "\u009B31m", run: [ls] }\n',
    });
    const { stdout } = await run(["--validate", "a.yaml"], { cwd });
    expect(stdout).not.toBe("");
    // oxlint-disable-next-line no-control-regex -- it is about controls
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
  });

  it("sarif is SARIF 2.1.0, with a rule for each kind and places in UTF-16", async () => {
    const cwd = folder(FILES);
    const { stdout } = await run(
      ["--validate", "bad.yaml", "sub/odd, name%.yaml", join(cwd, "warned.yaml"), "--format", "sarif"],
      { cwd },
    );
    const { $schema, version, runs } = JSON.parse(stdout) as Readonly<Record<string, unknown>> & {
      runs: readonly Sarif[];
    };
    expect($schema).toMatch(/sarif-2\.1\.0\.json$/);
    expect(version).toBe("2.1.0");
    expect(runs).toHaveLength(1);
    const [{ tool, columnKind, results } = missing()] = runs;
    expect(columnKind).toBe("utf16CodeUnits");
    expect(tool.driver).toMatchObject({ name: "mcpfier", version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    for (const { id, shortDescription } of tool.driver.rules) expect(shortDescription.text).toBe(RULES[id]);
    expect(new Set(tool.driver.rules.map((rule) => rule.id)).size).toBe(tool.driver.rules.length);
    for (const { ruleId, ruleIndex, message, level } of results) {
      expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      expect(message.text).not.toBe("");
      expect(["error", "warning"]).toContain(level);
    }
    expect(results.map(({ ruleId, locations }) => [ruleId, locations[0]?.physicalLocation])).toEqual([
      ["unknown-parameter", located("bad.yaml", 4, 41, 45)],
      ["unknown-key", located("bad.yaml", 6, 5, 12)],
      ["missing-description", located("bad.yaml", 7, 7, 11)],
      ["unknown-key", located("sub/odd,%20name%25.yaml", 1, 1, 8)],
      ["missing-description", located(pathToFileURL(join(cwd, "warned.yaml")).href, 2, 7, 11)],
    ]);
  });
});

interface Sarif {
  readonly columnKind: string;
  readonly tool: {
    readonly driver: {
      readonly rules: readonly {
        readonly id: keyof typeof RULES;
        readonly shortDescription: { readonly text: string };
      }[];
    };
  };
  readonly results: readonly {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly level: string;
    readonly message: { readonly text: string };
    readonly locations: readonly { readonly physicalLocation: unknown }[];
  }[];
}

function missing(): never {
  throw new Error("the log holds no run");
}

function located(uri: string, startLine: number, startColumn: number, endColumn: number): object {
  return { artifactLocation: { uri }, region: { startLine, startColumn, endColumn } };
}

describe("several files", () => {
  it("are checked one by one, each with a line of its own on stderr", async () => {
    const { stdout, stderr } = await run(["--validate", "good.yaml", "bad.yaml", "warned.yaml"]);
    expect(stderr).toBe(
      "mcpfier: good.yaml: 1 command, no problems\nmcpfier: bad.yaml: 2 errors, 1 warning\nmcpfier: warned.yaml: 1 command, 1 warning\n",
    );
    expect(stdout.match(/^\w+\.yaml/gm)).toEqual(["bad.yaml", "bad.yaml", "bad.yaml", "warned.yaml"]);
  });

  it("may have commands of the same name", async () => {
    expect((await run(["--validate", "good.yaml", "warned.yaml"])).code).toBe(0);
  });

  it("that include each other's files name them as they are reached", async () => {
    const cwd = folder({ "main.yaml": "include: [sub/more.yaml]\n", "sub/more.yaml": "comands: []\n" });
    const { stdout } = await run(["--validate", "main.yaml", "--format", "concise"], { cwd });
    expect(stdout).toMatch(/sub\/more\.yaml:1:1: error: /);
  });
});

const named = (name: string): string => GOOD.replace("hello", name);

describe("discovery", () => {
  const everywhere = {
    "named.yaml": named("named"),
    "env.yaml": named("env"),
    "cwd/mcpfier.yaml": named("cwd-mcpfier"),
    "cwd/config.yaml": named("cwd-config"),
    "home/.mcpfier/mcpfier.yaml": named("home-mcpfier"),
    "home/.mcpfier/config.yaml": named("home-config"),
    "home/mcpfier/config.yaml": named("home-plain"),
  };
  const without = (...names: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(everywhere).filter(([name]) => !names.includes(name)));

  it.each<[string, Readonly<Record<string, string>>, readonly string[], boolean]>([
    ["named", everywhere, ["--config", "../named.yaml"], true],
    ["named", everywhere, ["-c", "../named.yaml"], true],
    ["env", everywhere, [], true],
    ["cwd-mcpfier", everywhere, [], false],
    ["cwd-config", without("cwd/mcpfier.yaml"), [], false],
    ["home-mcpfier", without("cwd/mcpfier.yaml", "cwd/config.yaml"), [], false],
    ["home-config", without("cwd/mcpfier.yaml", "cwd/config.yaml", "home/.mcpfier/mcpfier.yaml"), [], false],
    ["home-plain", { "home/mcpfier/config.yaml": named("home-plain") }, [], false],
  ])("takes %s next, and says so on stderr", async (expected, files, options, hasEnv) => {
    const path = folder(files);
    mkdirSync(join(path, "cwd"), { recursive: true });
    const env = { HOME: join(path, "home"), MCPFIER_CONFIG: hasEnv ? join(path, "env.yaml") : undefined };
    const { code, stdout, stderr } = await run([...options, "list"], { cwd: join(path, "cwd"), env });
    expect(code).toBe(0);
    expect(stdout.split(" ")[0]).toBe(expected);
    const [, file, by] = /^mcpfier: catalogue (\S+) \((.+)\)\n/.exec(stderr) ?? [];
    expect(by).toBe(options.length > 0 ? "--config" : hasEnv ? "MCPFIER_CONFIG" : "found");
    if (options.length === 0) expect(files[String(file).slice(path.length + 1)]).toBe(named(expected));
    const validated = await run([...options, "--validate"], { cwd: join(path, "cwd"), env });
    expect(validated.code).toBe(0);
    expect(validated.stderr).toContain(`mcpfier: catalogue ${file}`);
  });

  it("takes an empty MCPFIER_CONFIG for none", async () => {
    const cwd = folder({ "mcpfier.yaml": GOOD });
    expect((await run(["--validate"], { cwd, env: { MCPFIER_CONFIG: "" } })).stderr).toContain("(found)");
  });

  it("passes over a home whose .mcpfier is a file, or a link to itself", async () => {
    for (const make of [(path: string) => writeFileSync(path, ""), (path: string) => symlinkSync(".mcpfier", path)]) {
      const home = folder();
      make(join(home, ".mcpfier"));
      const { code, stderr } = await run(["--validate"], {
        cwd: folder(),
        env: { HOME: home, MCPFIER_CONFIG: undefined },
      });
      expect(stderr).toContain("no catalogue found");
      expect(code).toBe(3);
    }
  });

  it("does not look elsewhere when the file that it found is broken", async () => {
    const path = folder({ "cwd/mcpfier.yaml": "comands: []\n", "home/.mcpfier/mcpfier.yaml": GOOD });
    const { code, stdout } = await run(["--validate"], {
      cwd: join(path, "cwd"),
      env: { HOME: join(path, "home"), MCPFIER_CONFIG: undefined },
    });
    expect(code).toBe(1);
    expect(stdout).toContain("unknown-key");
  });
});

describe("a misspelt word of the command line", () => {
  it.each<[readonly string[], string]>([
    [["validate", "good.yaml", "--fromat", "json"], "--format"],
    [["--validate", "--formt=json"], "--format"],
    [["--confg", "good.yaml"], "--config"],
    [["--validat", "good.yaml"], "--validate"],
    [["--dry-rum", "hello"], "--dry-run"],
    [["--validate", "--worspace", "."], "--workspace"],
  ])("%j is answered with %s, on stderr, and exits 2", async (args, expected) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(expected);
  });

  it("of a form is answered with the forms that there are", async () => {
    const { stderr } = await run(["--validate", "good.yaml", "--format", "jsn"]);
    for (const form of ["text", "concise", "json", "github", "sarif"]) expect(stderr).toContain(form);
  });
});

describe("colour", () => {
  // oxlint-disable-next-line no-control-regex -- it is about controls
  const coloured = /\u001B\[\d+m/;

  it.each<[string, readonly string[], Readonly<Record<string, string | undefined>>, boolean]>([
    ["stays away from a pipe", [], {}, false],
    ["comes when FORCE_COLOR asks for it", [], { FORCE_COLOR: "1" }, true],
    ["comes with --color always", ["--color", "always"], {}, true],
    ["comes with --color always, whatever NO_COLOR says", ["--color=always"], { NO_COLOR: "1" }, true],
    ["stays away with NO_COLOR", [], { NO_COLOR: "1" }, false],
    ["stays away with --color never, whatever FORCE_COLOR says", ["--color", "never"], { FORCE_COLOR: "1" }, false],
  ])("%s", async (_, options, env, expected) => {
    const { stdout } = await run([...options, "--validate", "bad.yaml"], { env });
    expect(coloured.test(stdout)).toBe(expected);
  });

  it.each(["concise", "json", "github", "sarif"])("never stands in the form %s", async (form) => {
    const { stdout } = await run(["--color", "always", "--validate", "bad.yaml", "--format", form]);
    expect(coloured.test(stdout)).toBe(false);
  });
});
