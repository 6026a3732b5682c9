// The faults of the original MCPFier, each by its name, as far as they concern local commands and their file.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Ran, type RunOptions, folder, load, mcpfier, poll } from "./rig.ts";

/** A file of the original with these commands. */
function original(...commands: readonly string[]): string {
  return `commands:\n${commands.map((text) => `  - ${text}\n`).join("")}`;
}

async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const cwd = options.cwd ?? folder();
  return mcpfier(["-c", join(folder({ "config.yaml": file }), "config.yaml"), ...args], { ...options, cwd });
}

async function findings(file: string): Promise<readonly string[]> {
  const { problems } = await load(file);
  return problems.map(({ line, severity, rule, message }) => `${line} ${severity} ${rule}: ${message}`);
}

function isRunning(line: string): boolean {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      const file = `/proc/${pid}/cmdline`;
      try {
        return readFileSync(file, "utf8").split("\x00").join(" ").trim() === line;
      } catch {
        return false;
      }
    });
}

describe("fault of the original: timeouts ignored", () => {
  it("a command is stopped at its timeout in Go's spelling, with all that it started", async () => {
    // No other process on this machine sleeps as long.
    const seconds = `1000.${process.pid}`;
    const ready = join(folder(), "ready");
    const script = `sleep ${seconds} & touch ${ready}; wait`;
    const file = original(`{ name: slow, script: sh, args: [-c, "${script}"], timeout: 0h0m1.5s }`);
    const { code, stderr } = await run(file, ["slow"]);
    expect(code).toBe(124);
    expect(stderr).toMatch(/slow timed out after \d/);
    expect(existsSync(ready)).toBe(true);
    await poll(
      () => !isRunning(`sleep ${seconds}`),
      () => "the child is still there",
    );
  });

  it.each([
    ["1m30s", 90_000],
    ["500ms", 500],
    ["1.5h", 5_400_000],
    ["1h0m0s", 3_600_000],
    ["45", 45_000],
    ['"45"', 45_000],
    ["0", 60_000],
    ['"0s"', 60_000],
    ['""', 60_000],
    ["", 60_000],
  ])("timeout: %s is %d ms", async (text, expected) => {
    const { catalogue } = await load(original(`name: a\n    script: echo\n    timeout: ${text}`));
    expect(catalogue?.commands[0]?.timeoutMs).toBe(expected);
  });

  it.each(["soon", "-5s", "5 s"])("timeout: %s is an error at its place, not ignored", async (text) => {
    expect(await findings(original(`name: a\n    script: echo\n    description: A.\n    timeout: ${text}`))).toEqual([
      expect.stringContaining("3 warning legacy") as string,
      expect.stringMatching(/^5 error bad-value: expected a duration/) as string,
    ]);
  });
});

describe("fault of the original: no parameters", () => {
  it("a command of the original may have them, and each stays one argument", async () => {
    const file = original(
      'name: say\n    script: printf\n    args: ["<%s>", "--", "${{ text }}"]\n    params: { text: { type: string } }',
    );
    const { code, stdout } = await run(file, ["say", "--text", "a b; $(id) *"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "<--><a b; $(id) *>" });
  });
});

describe("fault of the original: ${VAR} never expanded", () => {
  it("variables are filled in, in arguments and in env", async () => {
    const file = original(
      '{ name: say, script: sh, args: [-c, "echo ${WHO} $GREETING"], env: { GREETING: "hello ${WHO}" } }',
    );
    expect(await run(file, ["say"], { env: { WHO: "world" } })).toMatchObject({
      code: 0,
      stdout: "world hello world\n",
    });
  });

  it("one that is not set is an error at its place, never the text itself", async () => {
    const found = await findings(original('{ name: a, description: A., script: echo, args: ["${NOT_SET_ANYWHERE}"] }'));
    expect(found).toContainEqual("2 error unset-variable: the environment variable NOT_SET_ANYWHERE is not set");
  });

  it("in the text of a shell, a variable of its own stays the shell's, with a warning", async () => {
    const file = original("{ name: each, script: bash, args: [-c, 'for own in 1 2; do echo ${own}${own%%x}; done'] }");
    expect(await run(file, ["each"])).toMatchObject({ code: 0, stdout: "11\n22\n" });
    expect(await findings(file)).toContainEqual(
      "2 warning legacy: `${own}` is left to the shell: the environment variable own is not set",
    );
  });
});

describe("fault of the original: env wiping the environment", () => {
  it("env adds to PATH, HOME and the like, and what else the server has stays with the server", async () => {
    const file = original('{ name: show, script: env, env: { DISPLAY: ":99", VERSION: 1.10, EMPTY: } }');
    const { stdout } = await run(file, ["show"], { env: { HOME: "/home/of/somebody", OTHER_TOKEN: "canary-value" } });
    const lines = stdout.split("\n");
    expect(lines).toEqual(expect.arrayContaining(["HOME=/home/of/somebody", "DISPLAY=:99", "VERSION=1.10", "EMPTY="]));
    expect(lines.some((line) => line.startsWith("PATH=/"))).toBe(true);
    expect(stdout).not.toContain("OTHER_TOKEN");
  });
});

describe("fault of the original: both api_keys shapes documented, one read", () => {
  const commands = original("{ name: a, description: A., script: echo }");

  it.each([
    ["a list under simple", "simple: { api_keys: [{ key: k, permissions: [a, b] }, { key: l, permissions: ['*'] }] }"],
    ["a map under auth", "api_keys: { k: { name: K, permissions: [a, b] }, l: { permissions: ['*'] } }"],
    ["a map under simple", "simple: { api_keys: { k: { permissions: [b] } } }"],
    ["a list under auth", "api_keys: [{ key: k, permissions: [b, a*] }]"],
  ])("%s loads, and a permission that matches no command is warned about", async (_, auth) => {
    const found = await findings(`${commands}server: { http: { port: 8080, host: "::", auth: { ${auth} } } }\n`);
    expect(found.map((each) => each.replace(/^\d+ /, ""))).toEqual([
      expect.stringContaining("warning legacy: `script`"),
      expect.stringContaining("warning legacy: `server`"),
      'warning permission: the permission "b" of an API key matches no command',
    ]);
  });

  it.each([
    "server: { http: { auth: { api_keys: ~ } } }",
    "server: { http: 8080 }",
    "server: { http: { auth: [] } }",
    "server: {}",
  ])("%s is no error", async (text) => {
    const { catalogue } = await load(`${commands}${text}\n`);
    expect(catalogue).not.toBeNull();
  });

  it("a variable that only `server` mentions need not be set", async () => {
    const { catalogue } = await load(`${commands}server: { http: { auth: { secret: "\${NOT_SET_ANYWHERE}" } } }\n`);
    expect(catalogue).not.toBeNull();
  });
});

describe("fault of the original: duplicate names, the later one unreachable", () => {
  it("are an error that names both places", async () => {
    const file = original("{ name: a, description: A., script: echo }", "{ name: a, description: B., script: ls }");
    expect(await findings(file)).toContainEqual(
      expect.stringMatching(/^3 error duplicate-name: the name "a" is taken by "a" at \S+:2:\d+$/),
    );
  });
});

describe("fault of the original: names not escaped", () => {
  it.each(['"my tool"', '"a\\"b"', '"a\\nb"', "weather.get", '"<script>"', '""', "'{\"a\":1}'", "é"])(
    "the name %s is an error at its place: no door has to escape a name",
    async (name) => {
      const found = await findings(original(`name: ${name}\n    description: A.\n    script: echo`));
      expect(found).toContainEqual(expect.stringMatching(/^2 error bad-value: expected 1 to 64 letters/));
    },
  );

  it("a name that YAML takes for a number is the text that was written", async () => {
    const { catalogue } = await load(original("{ name: 007, script: echo }", "{ name: true, script: true }"));
    expect(catalogue?.commands.map(({ name, program }) => [name, program.kind === "argv" && program.name])).toEqual([
      ["007", "echo"],
      ["true", "true"],
    ]);
  });
});

describe("fault of the original: empty script", () => {
  it.each([
    ['script: ""', /error bad-value: the text is empty/],
    ["script: ", /error bad-value: the text is empty/],
    ["args: [a]", /error run-missing: `args` goes with `script`/],
    ["timeout: 5s", /error run-missing: the command has no `run`/],
  ])("%s is an error of the file, not of each call", async (text, expected) => {
    expect(await findings(original(`name: a\n    description: A.\n    ${text}`))).toContainEqual(
      expect.stringMatching(expected),
    );
  });
});

describe("fault of the original: unlimited output", () => {
  it("a flood is passed on in a bounded memory, and the outcome keeps a bounded part and counts the rest", async () => {
    const file = original('{ name: flood, script: head, args: [-c, "50000000", /dev/zero] }');
    const { code, stdout } = await run(file, ["flood", "--json"]);
    expect(code).toBe(0);
    const outcome = JSON.parse(stdout) as { readonly stdoutBytes: number; readonly stdout: string };
    expect(outcome.stdoutBytes).toBe(50_000_000);
    expect(outcome.stdout.length).toBeLessThan(1_000_000);
    expect(outcome.stdout).toContain("bytes left out");
  });
});

describe("fault of the original: stdout and stderr mixed, the exit code lost", () => {
  it("they stay apart, and the exit code is the command's own", async () => {
    const file = original("{ name: both, script: sh, args: [-c, 'echo out; echo err >&2; exit 7'] }");
    const { code, stdout, stderr } = await run(file, ["both"]);
    expect({ code, stdout }).toEqual({ code: 7, stdout: "out\n" });
    expect(stderr).toContain("err\n");
  });
});

describe("fault of the original: the server's stdin reaching a command", () => {
  it("a command that reads gets the end at once, not the client's messages", async () => {
    const file = original("{ name: reads, script: cat }");
    expect(await run(file, ["reads"], { input: "a message\n" })).toMatchObject({ code: 0, stdout: "" });
  });
});

describe("fault of the original: a file that was named and is missing gives another one", () => {
  it("is an error, whatever lies around", async () => {
    const cwd = folder({ "config.yaml": original("{ name: other, description: O., script: echo }") });
    const { code, stdout, stderr } = await mcpfier(["list"], {
      cwd,
      env: { MCPFIER_CONFIG: join(cwd, "absent.yaml") },
    });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("absent.yaml: there is no such file");
  });
});

describe("fault of the original: misspelt keys ignored", () => {
  it("are an error with a suggestion", async () => {
    expect(await findings(original("{ name: a, description: A., script: echo, timeuot: 5s }"))).toContainEqual(
      expect.stringContaining('error unknown-key: "timeuot" is not a key of a command'),
    );
  });
});

describe("a container of the original", () => {
  it("keeps its network, is not root, writes to /tmp only, and says so", async () => {
    const { catalogue, problems } = await load(
      original('{ name: a, description: A., script: /usr/bin/x, container: "img:1" }'),
    );
    expect(catalogue?.commands[0]?.container).toMatchObject({
      image: "img:1",
      network: "bridge",
      allowRoot: false,
      readOnly: true,
      capabilities: [],
      tmpfs: { "/tmp": 64 * 1024 ** 2 },
    });
    expect(problems.map(({ rule, hint }) => ({ rule, hint }))).toContainEqual({
      rule: "legacy",
      hint: "if it must, write `container: { image: img:1, network: bridge, allow_root: true, read_only: false }`",
    });
  });

  it("is today's where the command is written as today, or the file says what containers are like", async () => {
    const { catalogue } = await load(`defaults: { container: { image: a, network: none } }
commands:
  - { name: a, script: /bin/x, container: b }
`);
    expect(catalogue?.commands[0]?.container).toMatchObject({ image: "b", network: "none" });
    const today = await load("commands:\n  - { name: a, run: [/bin/x], container: b }\n");
    expect(today.catalogue?.commands[0]?.container).toMatchObject({ image: "b", network: "none" });
  });

  it("is none when its image is empty", async () => {
    const { catalogue } = await load(original('{ name: a, script: echo, container: "" }'));
    expect(catalogue?.commands[0]?.container).toBeNull();
  });
});

describe("the original's sample file", () => {
  const sample = join(import.meta.dirname, "catalogue/ok/original.yaml");
  const env = { MCPFIER_TEST_WHO: "world" };

  it("validates with warnings only", async () => {
    const { code, stdout } = await mcpfier(["--validate", sample], { env });
    expect(code).toBe(0);
    expect(stdout).not.toContain("error[");
    expect(stdout).toContain("warning[legacy]");
  });

  it("lists and dry-runs", async () => {
    const list = await mcpfier(["-c", sample, "list", "--json"], { env });
    const names = (JSON.parse(list.stdout) as readonly { readonly name: string }[]).map(({ name }) => name);
    expect(names).toEqual(["list-files", "echo-test", "check-status", "list-port", "python-analysis"]);
    const { code, stdout } = await mcpfier(["-c", sample, "--dry-run"], { env });
    expect(code).toBe(0);
    const plans = JSON.parse(stdout) as readonly { readonly outcome: string }[];
    expect(plans.map(({ outcome }) => outcome)).toEqual(names.map(() => "planned"));
  });

  it("runs its local commands", async () => {
    expect(await mcpfier(["-c", sample, "echo-test"], { env })).toMatchObject({
      code: 0,
      stdout: "Hello from MCPFier!\n",
    });
    expect(await mcpfier(["-c", sample, "check-status"], { env })).toMatchObject({
      code: 0,
      stdout: "production\nworld\n",
    });
    expect(await mcpfier(["-c", sample, "list-files"], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("original.yaml"),
    });
  });

  it("is migrated, and then means the same", async () => {
    const { code, stdout } = await mcpfier(["migrate", sample], { env });
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/^ *(?:script|args):/m);
    expect(stdout).toContain("  # Numbers and words are texts, and an empty value is none\n");
  });
});
