// The faults of the original MCPFier, each by its name: how its file was read.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SETTINGS } from "../../src/catalogue/settings.ts";
import { engineOf, folder, load, mcpfier } from "../rig.ts";
import { findings, original } from "./original.ts";

it("a variable that is not set costs the command that wants it, and no other", async () => {
  const commands = [
    { name: "say", script: "echo", args: ["hello"], description: "d" },
    { name: "lacks", script: "echo", args: ["${MCPFIER_TEST_UNSET}"], description: "d" },
    {
      name: "asks",
      webhook: { url: "https://example.org/", auth: { type: "bearer", token: "${MCPFIER_TEST_UNSET}" } },
    },
  ];
  const { problems } = await load(JSON.stringify({ commands }));
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(problems.filter(({ rule }) => rule === "unset-variable")).toHaveLength(2);
  const engine = await engineOf(JSON.stringify({ commands }));
  expect(await engine.call({ tool: "say", arguments: {} })).toMatchObject({ kind: "completed" });
  for (const tool of ["lacks", "asks"])
    expect(await engine.call({ tool, arguments: {} })).toMatchObject({
      kind: "refused",
      code: "environment.unset",
      problems: [expect.stringContaining("${MCPFIER_TEST_UNSET}")],
    });
  const today = await load(
    JSON.stringify({ commands: [...commands, { name: "new", description: "d", run: ["true"] }] }),
  );
  expect(today.catalogue).toBeNull();
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

describe("settings of the original", () => {
  const commands = original("{ name: a, description: A., script: echo }");
  const warnings = async (text: string): Promise<readonly string[]> =>
    (await findings(`${commands}${text}\n`)).filter((each) => !each.includes("`script`"));

  it.each([
    "analytics:",
    "server:",
    "analytics: ~",
    "analytics:\n  enabled:",
    "analytics:\n  database_path:",
    "analytics:\n  retention_days:",
  ])("that are empty are none: %j", async (text) => {
    const [, key] = /(\w+):[ ~]*$/.exec(text) ?? [];
    expect(await warnings(text)).toEqual([
      `${2 + text.split("\n").length} warning legacy: an empty \`${key}\` is none`,
    ]);
    expect((await load(`${commands}${text}\n`)).catalogue?.settings.analytics).toEqual(SETTINGS.analytics);
  });

  it.each([
    ["yes", true],
    ["On", true],
    ["no", false],
    ["OFF", false],
    ['"yes"', true],
  ])("take the YAML 1.1 word %s", async (word, enabled) => {
    const { catalogue, problems } = await load(`${commands}analytics: { enabled: ${word} }\n`);
    expect(catalogue?.settings.analytics.enabled).toBe(enabled);
    expect(problems.map(({ rule, hint }) => `${rule}: ${hint}`)).toContain(`legacy: write \`${enabled}\``);
    const today = await load(commands.replace("script: echo", `run: [echo], idempotent: ${word}`));
    expect(today.catalogue).toBeNull();
  });
});
