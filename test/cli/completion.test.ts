import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { type Terminal, openTerminal } from "../terminal.ts";
import { type Streams, runProgram } from "../../src/cli/program.ts";
import { BIN, folder, host, mcpfier } from "../rig.ts";

const CATALOGUE = `
commands:
  - name: search_code
    title: Search
    description: Searches the files of this project for a text.
    effect: read
    run: [grep, -r, "\${{ flags }}", "-e\${{ pattern }}", --, "\${{ paths }}"]
    params:
      pattern: { type: string, required: true, description: What to look for. }
      paths: { type: array, items: { type: path }, default: ["."], description: Where. }
      ignore_case: { type: boolean, flag: -i }
      syntax: { enum: { extended: [-E], fixed: [-F] }, flag: true }
      mood: { type: string, enum: [two words, "a:b", "it's"], flag: --mood= }
  - { name: say_hello, description: Says hello to the world., effect: read, run: [touch, "was-run"] }
`;

/** Answers of `__complete`: candidates without their meanings, and what the shell completes. */
async function offered(
  words: readonly string[],
  cwd = folder({ "mcpfier.yaml": CATALOGUE }),
): Promise<readonly string[]> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const streams = { stdin: process.stdin, stdout, stderr } as unknown as Pick<Streams, "stdin" | "stdout" | "stderr">;
  const rest = { host: { ...host, home: cwd }, cwd, version: "0", build: "test", packageFolder: "" };
  expect(await runProgram(["__complete", "--", ...words], { ...streams, ...rest })).toBe(0);
  expect(stderr.end().read()).toBeNull();
  const lines = String(stdout.end().read() ?? "").split("\n");
  return lines.slice(0, -1).map((line) => line.split("\t")[0] ?? "");
}

describe("what is offered", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["verbs and commands", ["s"], ["serve", "setup", "search_code", "say_hello"]],
    ["commands behind run", ["run", ""], ["search_code", "say_hello"]],
    ["commands behind explain", ["explain", "se"], ["search_code"]],
    ["parameters of a command", ["search_code", "--p"], ["--pattern", "--paths"]],
    [
      "parameters without those that are there, but for arrays",
      ["run", "search_code", "--pattern=x", "--paths", ".", "--pa"],
      ["--paths"],
    ],
    [
      "parameters where nothing was typed",
      ["search_code", ""],
      ["--pattern", "--paths", "--ignore-case", "--syntax", "--mood"],
    ],
    ["the values of an enum", ["search_code", "--syntax", ""], ["extended", "fixed"]],
    ["the values of an enum behind =", ["search_code", "--syntax=f"], ["--syntax=fixed"]],
    ["parameters behind a boolean", ["search_code", "--ignore-case", "--sy"], ["--syntax"]],
    ["nothing for free text", ["search_code", "--pattern", ""], []],
    ["files for a path", ["search_code", "--paths", "s"], [":files"]],
    ["options of run behind a command", ["run", "search_code", "--j"], ["--json"]],
    ["options of a verb and of mcpfier", ["validate", "--f"], ["--format", "--failure-threshold"]],
    ["the choices of an option", ["lint", "--format", "js"], ["json", "jsonl"]],
    ["the choices of an option before the verb", ["--color", "a"], ["auto", "always"]],
    ["files behind validate", ["validate", ""], [":files"]],
    ["files behind --config", ["--config", ""], [":files"]],
    ["folders behind --workspace", ["--workspace="], [":folders"]],
    ["clients of setup", ["setup", "--client", "curs"], ["cursor"]],
    [
      "clients behind a comma, but for those before it",
      ["setup", "--client", "cursor,cl"],
      ["cursor,claude-desktop", "cursor,claude-code", "cursor,cline"],
    ],
    ["shells", ["completion", "f"], ["fish"]],
    ["the original's spellings", ["--val"], ["--validate"]],
    ["nothing behind what is complete", ["completion", "fish", ""], []],
  ])("is %s", async (_, words, expected) => {
    expect(await offered(words)).toEqual(expected);
  });

  it("is of the catalogue that the line names", async () => {
    const other = folder({ "other.yaml": "commands:\n  - { name: other_one, description: Says hello., run: [ls] }\n" });
    expect(await offered(["-c", join(other, "other.yaml"), "run", ""])).toEqual(["other_one"]);
    expect(await offered([`--config=${join(other, "other.yaml")}`, "oth"])).toEqual(["other_one"]);
  });

  it("is silence for whatever is broken", async () => {
    const cwd = folder({ "mcpfier.yaml": "commands: [1" });
    expect(await offered(["run", ""], cwd)).toEqual([]);
    expect(await mcpfier(["__complete", "--", "run", ""], { cwd })).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(await offered(["val"], cwd)).toEqual(["validate"]);
    expect(await offered(["-c", "/no/such/file", "run", ""], cwd)).toEqual([]);
    expect(await offered(["search_code", "--nothing", "--what=", "-", "--", ""], cwd)).toEqual([]);
  });
});

/** Starts of shells that know nothing of this machine, and how each is told of mcpfier. */
const SHELLS = [
  { shell: "bash", argv: ["bash", "--norc", "--noprofile", "-i"], load: "source <(mcpfier completion bash)" },
  {
    shell: "zsh",
    argv: ["zsh", "-f", "-i"],
    load: "bindkey -e; autoload -Uz compinit; compinit -D -u; source <(mcpfier completion zsh)",
  },
  { shell: "fish", argv: ["fish", "--no-config", "-i"], load: "mcpfier completion fish | source" },
] as const;

interface Prepared {
  readonly terminal: Terminal;
  readonly home: string;
}

async function openShell({ argv, load }: (typeof SHELLS)[number]): Promise<Prepared> {
  const home = folder({
    "mcpfier.yaml": CATALOGUE,
    "bin/mcpfier": `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`,
    "some folder/a file.yaml": CATALOGUE,
  });
  chmodSync(join(home, "bin/mcpfier"), 0o755);
  mkdirSync(join(home, "config"));
  const env = {
    HOME: home,
    PATH: `${join(home, "bin")}:${process.env["PATH"] ?? ""}`,
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "data"),
    XDG_CACHE_HOME: join(home, "cache"),
    PS1: "$ ",
    HISTFILE: "/dev/null",
  };
  const terminal = openTerminal(argv, { cwd: home, env });
  terminal.type(`${load}; echo rea''dy\r`);
  await terminal.until((shown) => shown.includes("ready\r\n"));
  return { terminal, home };
}

let count = 0;

/** What a line has become after a Tab at its end, as the words that the shell makes of it. */
async function completed({ terminal }: Prepared, line: string): Promise<string> {
  const mark = `line${++count}`;
  // Ctrl-A goes to the beginning: the words are printed instead of run.
  terminal.type(`${line}\t\u0001printf '[%s]' ${mark}'' \r`);
  let found: RegExpExecArray | null = null;
  const pattern = new RegExp(`\\[${mark}\\]\\[mcpfier\\]((?:\\[[^\\]]*\\])+)`);
  await terminal.until((shown) => (found = pattern.exec(shown)) !== null);
  return (found as RegExpExecArray | null)?.[1] ?? "";
}

describe.each(SHELLS)("Tab in $shell", (shell) => {
  it("completes commands, flags and values", async () => {
    const prepared = await openShell(shell);
    for (const [line, words] of [
      ["mcpfier vali", "[validate]"],
      ["mcpfier run sea", "[run][search_code]"],
      ["mcpfier search_code --ign", "[search_code][--ignore-case]"],
      ["mcpfier search_code --syntax=ext", "[search_code][--syntax=extended]"],
      ["mcpfier search_code --mood tw", "[search_code][--mood][two words]"],
      ["mcpfier setup --client curs", "[setup][--client][cursor]"],
      ["mcpfier -c mcpf", "[-c][mcpfier.yaml]"],
    ] as const)
      expect(await completed(prepared, line), line).toBe(words);

    // What is not the only one is shown.
    const { length } = prepared.terminal.shown();
    prepared.terminal.type("mcpfier search_code --syntax \t\t");
    await prepared.terminal.until((shown) => /extended[^]*fixed/.test(shown.slice(length)));
    prepared.terminal.type("\u0003");
    expect(prepared.terminal.shown()).not.toMatch(/error|was-run/i);
  });
});

describe("mcpfier completion", () => {
  it("prints a script for each shell, the one that the package holds", async () => {
    for (const [shell, sign] of [
      ["bash", "complete -F _mcpfier mcpfier"],
      ["zsh", "#compdef mcpfier"],
      ["fish", "complete -c mcpfier"],
      ["powershell", "Register-ArgumentCompleter -Native -CommandName mcpfier"],
    ] as const) {
      const { code, stdout } = await mcpfier(["completion", shell]);
      expect(code).toBe(0);
      expect(stdout).toContain(sign);
    }
  });

  it("answers the script for PowerShell, which cannot pass an empty word, as the others", async () => {
    const cwd = folder();
    const [said, meant] = [
      await mcpfier(["__complete", "--empty", "--"], { cwd }),
      await mcpfier(["__complete", "--", ""], { cwd }),
    ];
    expect(said).toEqual(meant);
    expect(said.stdout).toMatch(/^serve\t/);
  });

  it("says which shells there are where it is told another", async () => {
    expect(await mcpfier(["completion", "tcsh"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("powershell"),
    });
  });
});
