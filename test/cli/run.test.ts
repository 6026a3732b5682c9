import { spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { BIN, collect, folder, mcpfier, poll, start } from "../rig.ts";

const CATALOGUE = `
commands:
  - name: say
    description: Prints its arguments as they come.
    run: [printf, --, "[%s]", "\${{ flags }}", "\${{ words }}"]
    params:
      words: { type: array, items: { type: string } }
      count: { type: integer, flag: --count= }
      ratio: { type: number, flag: --ratio= }
      dry: { type: boolean, flag: --dry }
      labels: { type: object, flag: --label= }
      json: { type: string, flag: --json= }
  - { name: both, description: d, shell: sh, run: 'echo out; echo err >&2; exit 7' }
  - { name: slow, description: d, shell: sh, run: 'echo started; exec sleep 100', timeout: 300ms }
  - { name: hang, description: d, isolation: group, shell: sh, run: 'echo $$ > pid; echo started; exec sleep 100' }
  - { name: killed, description: d, shell: sh, run: 'kill -SEGV $$' }
  - { name: gone, description: d, run: [no-such-program-here] }
  - { name: plain, description: d, run: [./plain.txt] }
  - { name: nowhere, description: d, run: ["true"], cwd: missing }
  - { name: list, description: d, run: [echo, the command] }
  - { name: lines, description: d, shell: sh, run: 'seq 1 200000' }
  - { name: json, description: d, run: [echo, '{"a":1}'], output: { format: json } }
  - { name: hidden, description: d, run: [echo, "\${{ value }}"], params: { value: { type: string, secret: true } } }
`;

function catalogue(): string {
  return folder({ "mcpfier.yaml": CATALOGUE, "plain.txt": "not a program" });
}

describe("arguments", () => {
  test.each([
    [["--words", "a", "--words=b c", "--words", "$(id)"], "[a][b c][$(id)]"],
    [["--count", "5", "--ratio=0.5"], "[--count=5][--ratio=0.5]"],
    [["--dry", "--words", "x"], "[--dry][x]"],
    [["--no-dry"], "[]"],
    [["--dry=false"], "[]"],
    [["--labels", '{"a": "b", "c": 1}'], "[--label=a=b][--label=c=1]"],
    [["--args", '{"words": ["p", "q"], "json": "j"}'], "[--json=j][p][q]"],
    [["--args", '{"words": ["p"], "count": 1}', "--count", "2"], "[--count=2][p]"],
  ])("%j are typed by the schema", async (words, expected) => {
    expect(await mcpfier(["say", ...words], { cwd: catalogue() })).toMatchObject({ code: 0, stdout: expected });
  });

  test.each([
    [["--count", "five"], /count: must be integer, came "five"/],
    [["--coutn", "5"], /--coutn is not a parameter; did you mean "--count"\?/],
    [["stray"], /"stray" stands alone/],
    [["--count"], /--count needs a value/],
    [["--args", "{"], /--args is not JSON/],
    [["--args", "[]"], /--args is a JSON object/],
  ])("%j are refused with 125 and a reason", async (words, reason) => {
    const ran = await mcpfier(["say", ...words], { cwd: catalogue() });
    expect(ran).toMatchObject({ code: 125, stdout: "" });
    expect(ran.stderr).toMatch(reason);
  });
});

describe("output and exit codes", () => {
  test("stdout and stderr stay apart and the child's code is ours", async () => {
    const ran = await mcpfier(["both"], { cwd: catalogue() });
    expect(ran).toMatchObject({ code: 7, stdout: "out\n" });
    expect(ran.stderr).toMatch(/^mcpfier: catalogue .*\(found\)\nerr\n$/);
  });

  test.each([
    ["slow", 124, /timed out after/],
    ["killed", 139, /was ended by SIGSEGV/],
    ["gone", 127, /program\.missing.*no-such-program-here was not found in PATH/],
    ["plain", 126, /program\.not_executable.*plain\.txt/],
    ["nowhere", 125, /cwd\.missing/],
    ["lst", 125, /tool\.unknown.*there is no tool "lst"; did you mean "list"/],
  ])("%s ends with %i and says why", async (name, code, reason) => {
    const ran = await mcpfier([name], { cwd: catalogue() });
    expect(ran.stderr).toMatch(reason);
    expect(ran.code).toBe(code);
  });

  test("output comes while the command runs, and Ctrl-C ends it with 130 and leaves nothing", async () => {
    const cwd = catalogue();
    const child = start(["hang"], { cwd });
    const stdout = collect(child, "stdout");
    await poll(
      () => stdout() === "started\n",
      () => stdout(),
    );
    const pid = Number(readFileSync(join(cwd, "pid"), "utf8"));
    const exit = new Promise((done) => child.once("exit", done));
    child.kill("SIGINT");
    expect(await exit).toBe(130);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  test("runs with an absolute catalogue where the working directory was removed", async () => {
    const file = join(catalogue(), "mcpfier.yaml");
    const script = 'mkdir gone; cd gone; rmdir ../gone; exec "$0" "$1" -c "$2" dry-run hang';
    const child = spawn("sh", ["-c", script, process.execPath, BIN, file], { cwd: folder(), stdio: "ignore" });
    expect(await new Promise((done) => child.once("exit", done))).toBe(0);
  });

  test("what a successful exit code means, and output that breaks its promise, are said on stderr", async () => {
    const yaml = `
commands:
  - { name: none, description: d, shell: sh, run: exit 1, ok_exit_codes: { 0: found, 1: nothing found } }
  - { name: text, description: d, run: [echo, no], output: { format: json } }
`;
    const cwd = folder({ "mcpfier.yaml": yaml });
    const none = await mcpfier(["none"], { cwd });
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/mcpfier: exit code 1: nothing found\n$/);
    const text = await mcpfier(["text"], { cwd });
    expect(text).toMatchObject({ code: 0, stdout: "no\n" });
    expect(text.stderr).toMatch(/mcpfier: the output is not JSON/);
  });

  test("a long output arrives whole, whatever the model would have seen of it", async () => {
    const { stdout } = await mcpfier(["lines"], { cwd: catalogue() });
    expect(stdout).toBe(`${Array.from({ length: 200_000 }, (_, index) => index + 1).join("\n")}\n`);
  });

  test("a slow reader loses nothing of what was printed before the end", async () => {
    const child = start(["lines"], { cwd: catalogue() });
    let bytes = 0;
    const done = new Promise((resolve) => child.stdout?.once("end", resolve));
    child.stdout?.pause();
    child.stdout?.on("data", (chunk: Buffer) => (bytes += chunk.length));
    child.stdout?.pause();
    // Longer than the drain of 500 ms: patience with our own reader is not counted against the program.
    setTimeout(() => child.stdout?.resume(), 1500);
    await done;
    expect(bytes).toBe(1_288_895);
  });

  test("a reader that goes early is no mistake", async () => {
    const child = start(["list", "--json"], { cwd: catalogue() });
    const stderr = collect(child, "stderr");
    child.stdout?.destroy();
    expect(await new Promise((done) => child.once("exit", done))).toBe(0);
    expect(stderr()).not.toMatch(/EPIPE/);
  });

  test("--json prints the whole outcome", async () => {
    const { stdout, code } = await mcpfier(["both", "--json"], { cwd: catalogue() });
    expect(code).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({
      tool: "both",
      outcome: "failed",
      exitCode: 7,
      stdout: "out\n",
      stderr: "err\n",
      stdoutBytes: 4,
    });
    const json = await mcpfier(["run", "json", "--json"], { cwd: catalogue() });
    expect(JSON.parse(json.stdout)).toMatchObject({ outcome: "completed", structured: { a: 1 } });
    const refused = await mcpfier(["run", "gone", "--json"], { cwd: catalogue() });
    expect(JSON.parse(refused.stdout)).toMatchObject({
      outcome: "refused",
      code: "program.missing",
      problems: [expect.any(String)],
    });
  });

  test("a secret argument is neither printed back nor planned in the open", async () => {
    const cwd = catalogue();
    expect((await mcpfier(["hidden", "--value", "hunter22"], { cwd })).stdout).toBe("[redacted]\n");
    expect((await mcpfier(["hidden", "--value", "hunter22", "--dry-run"], { cwd })).stdout).not.toContain("hunter22");
  });
});

describe("a command that is tried again", () => {
  const again = (run: string): string =>
    folder({
      "mcpfier.yaml": JSON.stringify({
        commands: [{ name: "again", description: "d", effect: "read", shell: "sh", run, retry: { delay: "1ms" } }],
      }),
    });

  test.each([
    ["the second is its last", 'echo x >> n; echo "out $(grep -c x n)"; [ $(grep -c x n) = 2 ]', "out 2\n", 0],
    ["the last fails too", 'echo x >> n; echo "out $(grep -c x n)"; exit 5', "out 3\n", 5],
    ["the last says nothing", "echo x >> n; [ $(grep -c x n) = 2 ] || { echo out; exit 1; }", "", 0],
  ])("prints what the last attempt prints: %s", async (_which, script, stdout, code) => {
    const ran = await mcpfier(["again"], { cwd: again(script) });
    expect({ stdout: ran.stdout, code: ran.code }).toEqual({ stdout, code });
  });

  test("prints the attempt before one that cannot start", async () => {
    const cwd = folder({
      "mcpfier.yaml": "commands: [{ name: goes, description: d, effect: read, run: [./goes], retry: { delay: 1ms } }]",
      goes: "#!/bin/sh\necho once; rm goes; exit 7\n",
    });
    chmodSync(join(cwd, "goes"), 0o755);
    expect(await mcpfier(["goes"], { cwd })).toMatchObject({ stdout: "once\n", code: 7 });
  });
});

test("a need that fails is told once, and named by --json", async () => {
  const cwd = folder({
    "mcpfier.yaml": `
commands:
  - { name: first, description: d, shell: sh, run: 'exec sleep 100', timeout: 200ms }
  - { name: second, description: d, run: [echo, x], needs: [first] }
`,
  });
  const ran = await mcpfier(["second"], { cwd });
  expect(ran.stderr.split("\n").slice(1)).toEqual([
    'mcpfier: "first", which "second" needs, timed out, so it did not run',
    "",
  ]);
  expect(ran.code).toBe(124);
  expect(JSON.parse((await mcpfier(["run", "--json", "second"], { cwd })).stdout)).toMatchObject({
    tool: "second",
    outcome: "timed_out",
    need: "first",
  });
});

test("a dry run of a program that is missing shows the plan, says so, and ends as the run would", async () => {
  const cwd = catalogue();
  const ran = await mcpfier(["--dry-run", "gone"], { cwd });
  expect(ran.code).toBe(127);
  expect(JSON.parse(ran.stdout)).toMatchObject({ plan: { program: null, note: expect.stringMatching(/not found/) } });
  expect((await mcpfier(["run", "gone"], { cwd })).code).toBe(127);
});

test("a dry run shows what becomes of the call around the program", async () => {
  const cwd = folder({
    "mcpfier.yaml":
      "commands: [{ name: a, description: d, effect: read, run: [echo], retry: { attempts: 2 }, cache: { ttl: 1s }, handoff: 2s }]",
  });
  expect(JSON.parse((await mcpfier(["--dry-run", "a"], { cwd })).stdout)).toMatchObject({
    plan: {
      retry: { attempts: 2, delayMs: 1000, backoff: 2 },
      cacheMs: 1000,
      handoffMs: 2000,
      containment: expect.any(String),
    },
  });
});

describe("verbs and options", () => {
  test("a verb wins over a command of the same name, and `run` reaches the command", async () => {
    const cwd = catalogue();
    expect((await mcpfier(["list"], { cwd })).stdout).toMatch(/^say +write +Prints/);
    expect((await mcpfier(["run", "list"], { cwd })).stdout).toBe("the command\n");
    expect((await mcpfier(["--validate"], { cwd })).stdout).toMatch(
      /name-clash.*`mcpfier list` is a command of mcpfier itself/,
    );
  });

  test("global options stand before and after the verb", async () => {
    const file = join(catalogue(), "mcpfier.yaml");
    for (const words of [
      ["-c", file, "run", "list"],
      ["run", "list", "-c", file],
      [`--config=${file}`, "run", "list"],
      ["run", `--config=${file}`, "list"],
    ]) {
      expect(await mcpfier(words, { cwd: folder() })).toMatchObject({ code: 0, stdout: "the command\n" });
    }
  });

  test("--workspace wins over the file", async () => {
    const cwd = folder({ "mcpfier.yaml": "commands: [{name: where, description: d, run: [pwd]}]" });
    const other = folder();
    expect((await mcpfier(["where", "--workspace", other], { cwd })).stdout).toBe(`${other}\n`);
    expect((await mcpfier(["where"], { cwd })).stdout).toBe(`${cwd}\n`);
  });

  test("an unknown option gets a suggestion and exit code 2", async () => {
    const ran = await mcpfier(["--valdate"], { cwd: catalogue() });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/unknown option '--valdate'\n\(did you mean "--validate"\?\)/);
  });

  test.each([["--config="], ["--config", ""], ["-c", ""]])("%s %s says that a file is wanted", async (...words) => {
    const ran = await mcpfier([...words, "list"], { cwd: catalogue() });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/'-c, --config <file>' .*expected a file, came nothing: write `--config FILE`/);
  });

  test("two verbs are one too many", async () => {
    const ran = await mcpfier(["--validate", "--mcp"], { cwd: catalogue() });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain("(it is a verb, and another one stands before it: write one of them)");
  });

  test("help shows an example for each verb", async () => {
    const { stdout, code } = await mcpfier(["--help"]);
    expect(code).toBe(0);
    for (const verb of ["serve", "run", "list", "validate", "test"])
      expect(stdout).toMatch(new RegExp(`^  mcpfier ${verb} `, "m"));
    expect(stdout).toMatch(/^ {2}mcpfier --dry-run /m);
    expect((await mcpfier(["validate", "--help"])).stdout).toMatch(/Example:\n {2}mcpfier validate/);
  });

  test("a command shows its parameters, and a misspelt verb is told from a misspelt command", async () => {
    const cwd = catalogue();
    const help = await mcpfier(["say", "--help"], { cwd });
    expect(help).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Usage: mcpfier run say .*\n\nPrints its arguments[\s\S]*--count <integer>/),
    });
    expect((await mcpfier(["run", "--help"], { cwd })).stdout).toMatch(/^Usage: mcpfier run /);
    expect(await mcpfier(["help", "say"], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/there is no verb "say"; of a command .* `mcpfier run say --help`\n$/),
    });
    expect((await mcpfier(["run"], { cwd })).code).toBe(2);
    expect((await mcpfier(["validat"], { cwd })).stderr).toMatch(/did you mean `mcpfier validate`\?/);
    expect((await mcpfier(["list", "--format", "json"], { cwd })).stderr).toMatch(
      /unknown option '--format'\n\(it is an option of another verb/,
    );
  });

  test("list --json gives names, effects and schemas", async () => {
    const { stdout } = await mcpfier(["list", "--json"], { cwd: catalogue() });
    expect((JSON.parse(stdout) as unknown[])[0]).toMatchObject({
      name: "say",
      effect: "write",
      inputSchema: { type: "object", properties: { count: { type: "integer" } } },
    });
  });

  test("without a catalogue it says where it looked", async () => {
    const cwd = folder();
    const ran = await mcpfier(["list"], { cwd, env: { HOME: cwd, MCPFIER_CONFIG: undefined } });
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(/no catalogue found; looked for .*mcpfier\.yaml.*\/etc\/mcpfier\/config\.yaml/);
  });
});

describe("dry run", () => {
  test("of one command prints the plan and starts nothing", async () => {
    const cwd = catalogue();
    const ran = await mcpfier(["--dry-run", "say", "--words", "a b", "--count", "2"], {
      cwd,
      env: { SOME_TOKEN: "abcdef" },
    });
    const { plan } = JSON.parse(ran.stdout) as { plan: Record<string, unknown> };
    expect(plan).toMatchObject({
      argv: ["printf", "--", "[%s]", "--count=2", "a b"],
      commandLine: "printf -- '[%s]' --count=2 'a b'",
      cwd,
      stdin: null,
      timeoutMs: 60_000,
      env: { NO_COLOR: "1", HOME: "[from the environment]" },
    });
    expect(ran.stdout).not.toContain("abcdef");
    expect((await mcpfier(["--dry-run", "hang"], { cwd })).code).toBe(0);
    expect(existsSync(join(cwd, "pid"))).toBe(false);
  });

  test("of all commands prints a plan for each, with example values", async () => {
    const { stdout, code } = await mcpfier(["--dry-run"], { cwd: catalogue() });
    const all = JSON.parse(stdout) as { tool: string; outcome: string }[];
    expect(code).toBe(0);
    expect(all.map((each) => each.tool)).toContain("hidden");
    expect(new Set(all.map((each) => each.outcome))).toEqual(new Set(["planned"]));
  });

  test("of a refused call says so with 125", async () => {
    expect((await mcpfier(["--dry-run", "say", "--count", "x"], { cwd: catalogue() })).code).toBe(125);
  });
});

describe("mcpfier test", () => {
  const TESTED = `
commands:
  - name: find
    description: d
    run: [grep, -n, -e, "\${{ text }}", "\${{ more }}", --, "\${{ paths }}"]
    params:
      text: { type: string, required: true, leading_dash: allow }
      more: { type: string }
      paths: { type: array, items: { type: path }, default: ["."] }
    tests:
      - args: { text: -x }
        argv: [grep, -n, -e, -x, --, "\${{ workspace }}"]
      - { args: { text: a, more: -rf }, refused: dash.leading }
      - { args: { text: a, paths: [../..] }, refused: path.outside }
`;

  test("passes what is rendered as it says", async () => {
    const ran = await mcpfier(["test"], { cwd: folder({ "mcpfier.yaml": TESTED }) });
    expect(ran.stdout).toMatch(/3 passed, 0 failed\n$/);
    expect(ran.code).toBe(0);
  });

  test("shows what was expected and what came, and exits with 1", async () => {
    const wrong = TESTED.replace("-e, -x, --", "-e, -y, --").replace("refused: path.outside", "refused: dash.leading");
    const ran = await mcpfier(["test", "mcpfier.yaml"], { cwd: folder({ "mcpfier.yaml": wrong }) });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(
      /failed mcpfier\.yaml:11 find: find\[0\]\n {2}argv: expected \["grep","-n","-e","-y".*\n\s+came {5}\["grep","-n","-e","-x"/,
    );
    expect(ran.stdout).toMatch(/expected refused \(dash\.leading\)\n.*came {5}refused \(path\.outside\)/);
    expect(ran.stdout).toMatch(/1 passed, 2 failed\n$/);
  });

  test("shows no secret where it shows what came", async () => {
    const yaml = `
commands:
  - name: ask
    description: d
    run: [cat, "\${API_TOKEN}"]
    stdin: "token \${API_TOKEN}"
    env: { T: "\${API_TOKEN}" }
    tests: [{ argv: [cat], stdin: other, env: { T: other } }]
`;
    const ran = await mcpfier(["test"], { cwd: folder({ "mcpfier.yaml": yaml }), env: { API_TOKEN: "canary-value" } });
    expect(ran.stdout).toMatch(/argv[\s\S]*T:[\s\S]*stdin:[\s\S]*came +token \[redacted\]/);
    expect(ran.stdout + ran.stderr).not.toContain("canary-value");
  });

  test("pins paths in variables, stdin and the working directory", async () => {
    const yaml = `
commands:
  - name: show
    description: d
    shell: sh
    run: cat "$arg_p"
    cwd: \${{ p }}
    stdin: "\${{ p }}"
    params: { p: { type: path, required: true } }
    tests:
      - { args: { p: x }, env: { arg_p: "\${{ workspace }}/x" }, stdin: "\${{ workspace }}/x", cwd: "\${{ workspace }}/x" }
`;
    const ran = await mcpfier(["test"], { cwd: folder({ "mcpfier.yaml": yaml }) });
    expect(ran.stdout).toMatch(/1 passed, 0 failed\n$/);
  });

  test("says when an expectation needs a run, and shell scripts are compared by their values", async () => {
    const yaml = `
commands:
  - name: say
    description: d
    shell: sh
    run: echo "$arg_a" "$@"
    params: { a: { type: string }, all: { type: array, items: { type: string }, positional: true } }
    tests:
      - { args: { a: x, all: [p, q] }, argv: [p, q], env: { arg_a: x, arg_b: null }, stdout: "x p q" }
`;
    const ran = await mcpfier(["test"], { cwd: folder({ "mcpfier.yaml": yaml }) });
    expect(ran.stdout).toMatch(
      /1 passed, 0 failed; 1 expectation of `exit` and `stdout` not checked: `--run` checks them\n$/,
    );
  });
});

describe("serve", () => {
  test("a broken catalogue ends it with 78, all problems on stderr and nothing on stdout", async () => {
    const cwd = folder({ "mcpfier.yaml": "commands:\n  - {name: a, runn: [x]}\n  - {name: a b, run: [x]}\n" });
    const ran = await mcpfier(["--mcp"], { cwd });
    expect(ran).toMatchObject({ code: 78, stdout: "" });
    expect(ran.stderr).toMatch(/unknown-key[\s\S]*bad-value[\s\S]*the catalogue cannot be used: 2 errors/);
  });

  test("on a terminal it prints help instead of hanging", async () => {
    const cwd = catalogue();
    const child = spawn("script", ["-qec", `'${process.execPath}' '${BIN}'`, "/dev/null"], {
      cwd,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const stdout = collect(child, "stdout");
    const code = await new Promise((done) => child.once("exit", done));
    expect(stdout()).toMatch(/Usage: mcpfier/);
    expect(code).toBe(0);
  });
});

describe("an older Node", () => {
  test("gets one sentence and exit code 1, not a syntax error", async () => {
    const node = oldNode();
    const ran = await mcpfier(
      ["--version"],
      node === undefined ? { env: { NODE_OPTIONS: `--import=${pretender()}` } } : { node },
    );
    expect(ran.code).toBe(1);
    expect(ran.stdout).toBe("");
    expect(ran.stderr).toMatch(/^mcpfier needs Node\.js 22\.18 or newer, and this is \d+\.\d+\.\d+: .*\n$/);
  });

  /** A Node that is too old, if this machine has one besides the project's own. */
  function oldNode(): string | undefined {
    return (process.env["PATH"] ?? "")
      .split(delimiter)
      .map((part) => join(part, "node"))
      .find((path) => !path.includes("node_modules") && existsSync(path) && !path.startsWith(process.execPath));
  }

  /** Otherwise this one, calling itself 20. */
  function pretender(): string {
    const file = join(folder(), "old.mjs");
    writeFileSync(file, 'Object.defineProperty(process.versions, "node", { value: "20.20.2" });');
    return file;
  }
});
