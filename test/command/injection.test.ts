import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Host } from "../../src/base/host.ts";
import type { Engine } from "../../src/engine.ts";
import type { Outcome } from "../../src/pipeline/call.ts";
import { isError } from "../../src/base/problem.ts";
import { atEnd, engineOf, folder, host, load, poll } from "../rig.ts";
import { OPTION_PAYLOADS, SHELL_PAYLOADS, TEMPLATE_PAYLOADS, each, passable, yamlOf } from "./hostile.ts";

interface Where {
  readonly folder?: string;
  readonly host?: Host;
}

function engineWith(commands: Readonly<Record<string, object>>, where: Where = {}): Promise<Engine> {
  return engineOf(
    yamlOf({
      commands: Object.entries(commands).map(([name, words]) => Object.assign({ name, description: "d" }, words)),
    }),
    where,
  );
}

async function rules(words: object, where: Where = {}): Promise<readonly string[]> {
  const { catalogue, problems } = await load(yamlOf({ commands: [{ name: "t", description: "d", ...words }] }), where);
  if (catalogue) return [];
  return problems.filter((problem) => problem.severity === "error").map((problem) => problem.rule);
}

function printed(outcome: Outcome): string {
  if (outcome.kind === "refused" || outcome.kind === "planned")
    throw new Error(`came ${JSON.stringify(outcome).slice(0, 500)}`);
  return outcome.stdout.head.toString();
}

/** The lines, NUL-separated, that a program printed. */
function fields(outcome: Outcome): readonly string[] {
  return printed(outcome).split("\0").slice(0, -1);
}

const STRING = { type: "string" };
const ECHO = ["printf", "%s\\0", "|"];

function hostWith(env: Readonly<Record<string, string>>, path = host.path): Host {
  return { ...host, env: { PATH: path, ...env }, path };
}

describe("I1: a leading dash", () => {
  const places: Readonly<Record<string, object>> = {
    bare: { run: [...ECHO, "${{ x }}"], params: { x: STRING } },
    flag: { run: [...ECHO, "${{ flags }}"], params: { x: { ...STRING, flag: "-o" } } },
    group: { run: [...ECHO, ["-o", "${{ x }}"]], params: { x: STRING } },
    shell: { shell: "sh", run: 'cat -- "$@"', params: { x: { type: "array", items: STRING, positional: true } } },
  };

  it.each(Object.keys(places))("is refused in a place that a program reads as an option: %s", async (place) => {
    const engine = await engineWith(places);
    for (const payload of OPTION_PAYLOADS) {
      const outcome = await engine.call({ tool: place, arguments: { x: place === "shell" ? [payload] : payload } });
      expect(outcome, payload).toMatchObject({ kind: "refused", code: "dash.leading" });
    }
  });

  it("is passed on as a value behind `--` and in the attached form", async () => {
    const engine = await engineWith({
      after: { run: [...ECHO, "--", "${{ x }}"], params: { x: STRING } },
      attached: { run: [...ECHO, "--o=${{ x }}"], params: { x: STRING } },
    });
    for (const payload of OPTION_PAYLOADS) {
      expect(fields(await engine.call({ tool: "after", arguments: { x: payload } }))).toEqual(["|", "--", payload]);
      expect(fields(await engine.call({ tool: "attached", arguments: { x: payload } }))).toEqual([
        "|",
        `--o=${payload}`,
      ]);
    }
  });

  it("real programs do what an unguarded value tells them, and nothing of it when guarded: sort and git", async () => {
    const root = folder({ "a.txt": "b\na\n" });
    const git = (...args: readonly string[]): void =>
      void execFileSync("git", ["-C", root, "-c", "user.name=n", "-c", "user.email=e@x", ...args], { stdio: "pipe" });
    git("init", "-q");
    git("add", "a.txt");
    git("commit", "-qm", "first");
    const x = { x: STRING };
    const engine = await engineWith(
      {
        naked: { run: ["git", "log", "--oneline", "${{ x }}"], params: { x: { ...STRING, leading_dash: "allow" } } },
        log: { run: ["git", "log", "--oneline", "${{ x }}"], params: x },
        log_end: { run: ["git", "log", "--oneline", "--end-of-options", "${{ x }}"], params: x },
        grep: { run: ["git", "grep", "-e", "${{ x }}"], params: x },
        grep_attached: { run: ["git", "grep", "--max-depth=1", "-e${{ x }}", "--", "."], params: x },
        fetch: { run: ["git", "fetch", "${{ x }}"], params: x },
        fetch_end: { run: ["git", "fetch", "--", "${{ x }}"], params: x },
        remote: { run: ["git", "ls-remote", "${{ flags }}", "--", "."], params: { x: { ...STRING, flag: "-o" } } },
        sort: { run: ["sort", "${{ x }}"], params: x },
        sort_end: { run: ["sort", "--", "${{ x }}"], params: x },
      },
      { folder: root },
    );
    const canary = join(root, "canary");
    const say = (tool: string, value: string): Promise<Outcome> => engine.call({ tool, arguments: { x: value } });

    // That the attack is real: with the guard lifted, git writes the file.
    await say("naked", `--output=${canary}`);
    expect(existsSync(canary)).toBe(true);
    rmSync(canary);

    for (const tool of ["log", "grep", "fetch", "remote", "sort"]) {
      for (const value of [
        `--output=${canary}`,
        `--open-files-in-pager=touch ${canary}`,
        `--upload-pack=touch ${canary}`,
        `-oProxyCommand=touch ${canary}`,
        `--compress-program=touch ${canary}`,
        `-o${canary}`,
        "--no-index",
      ]) {
        expect(await say(tool, value), `${tool} ${value}`).toMatchObject({ kind: "refused", code: "dash.leading" });
      }
    }
    for (const tool of ["log_end", "grep_attached", "fetch_end", "sort_end"]) {
      for (const value of [
        `--output=${canary}`,
        `--open-files-in-pager=touch ${canary}`,
        `--upload-pack=touch ${canary}`,
        `-o${canary}`,
        `-O${canary}`,
      ]) {
        expect((await say(tool, value)).kind, `${tool} ${value}`).toBe("failed");
      }
    }
    expect(readdirSync(root).toSorted()).toEqual([".git", "a.txt", "mcpfier.yaml"]);
    expect(printed(await say("log_end", "HEAD"))).toContain("first");
    expect(printed(await say("sort_end", "a.txt"))).toBe("a\nb\n");
  });
});

describe("I2 and I6: shell syntax", () => {
  it("nothing of it is carried out, whichever way a value goes: argv, group, flag, stdin, environment, file, sh, bash", async () => {
    const root = folder();
    const canary = join(root, "CANARY");
    const x = { x: { ...STRING, leading_dash: "allow" } };
    const rest = { type: "array", items: STRING, positional: true };
    const script =
      'printf "%s\\0" "$arg_x" "$@"; y=$arg_x; test "$arg_x" = "$y"; case $arg_x in "$arg_x") printf "%s" end;; esac';
    const engine = await engineWith(
      {
        argv: { run: [...ECHO, "${{ x }}", "a${{ x }}b", ["-s", "${{ x }}"]], params: x },
        flag: { run: [...ECHO, "${{ flags }}"], params: { x: { ...STRING, flag: "--x=" } } },
        inner: { run: ["sh", "-c", 'printf "%s\\0" "$0" "$1"', "${{ x }}", "${{ x }}"], params: x },
        input: { run: ["cat"], stdin: "${{ x }}", params: x },
        variable: { run: ["printenv", "X"], env: { X: "${{ x }}" }, params: x },
        file: { run: ["cat", "--", "${{ x }}"], params: { x: { ...STRING, as: "file" } } },
        sh: { shell: "sh", run: script, params: { ...x, rest } },
        bash: { shell: "bash", run: script, params: { ...x, rest } },
      },
      { folder: root },
    );
    const payloads = SHELL_PAYLOADS.flatMap((payload) => [payload.replaceAll("CANARY", canary), payload]);
    await each(payloads, 6, async (payload) => {
      const say = async (tool: string, more: object = {}): Promise<string> =>
        printed(await engine.call({ tool, arguments: { x: payload, ...more } }));
      expect(await say("argv")).toBe(`|\0${payload}\0a${payload}b\0-s\0${payload}\0`);
      expect(await say("flag")).toBe(`|\0--x=${payload}\0`);
      expect(await say("inner")).toBe(`${payload}\0${payload}\0`);
      expect(await say("input")).toBe(payload);
      expect(await say("variable")).toBe(`${payload}\n`);
      expect(await say("file")).toBe(payload);
      for (const shell of ["sh", "bash"])
        expect(await say(shell, { rest: [payload] })).toBe(`${payload}\0${payload}\0end`);
    });
    expect(readdirSync(root)).toEqual(["mcpfier.yaml"]);
  });

  it("a placeholder in the text of a script does not load, in whatever disguise", async () => {
    const params = { x: STRING };
    for (const words of [
      { shell: "sh", run: "echo ${{ x }}" },
      { shell: "bash", run: "echo '${{x}}'" },
      { shell: true, run: "echo ${{   x   }}" },
      { run: ["sh", "-c", "echo ${{ x }}"] },
      { run: ["/bin/bash", "-lc", "echo ${{ x }}"] },
      { run: ["bash", "-c", "${{ x }}"] },
      { run: ["env", "A=b", "dash", "-ec", "echo ${{ x }}"] },
      { run: ["timeout", "5", "sh", "-c", "echo ${{ x }}"] },
      { run: ["python3", "-c", "print('${{ x }}')"] },
      { run: ["node", "-e", "console.log('${{ x }}')"] },
      { run: ["sh", ["-c", "echo ${{ x }}"]] },
    ])
      expect(await rules({ ...words, params }), JSON.stringify(words)).toContain("shell-placeholder");
  });
});

describe("I3: text that no program can be given", () => {
  it.each([
    ["NUL", "a\0b"],
    ["NUL at the end", "a\0"],
    ["the first half of a pair", "\ud800"],
    ["the second half of a pair", "a\udc00b"],
  ])("%s is refused wherever it stands: value, item, key, shell, stdin, path, file", async (_what, text) => {
    const engine = await engineWith({
      value: { run: [...ECHO, "--", "${{ x }}"], params: { x: STRING } },
      item: { run: [...ECHO, "--", "${{ x }}"], params: { x: { type: "array" } } },
      key: { run: [...ECHO, "${{ flags }}"], params: { x: { type: "object", flag: "--m=" } } },
      shell: { shell: "sh", run: 'echo "$arg_x"', params: { x: STRING } },
      input: { run: ["cat"], stdin: "${{ x }}", params: { x: STRING } },
      path: { run: [...ECHO, "${{ x }}"], params: { x: { type: "path" } } },
      file: { run: ["cat", "${{ x }}"], params: { x: { ...STRING, as: "file" } } },
      unused: { run: ["true"], params: { x: STRING } },
    });
    const values: Readonly<Record<string, unknown>> = { item: ["a", [text]], key: { [text]: "v" } };
    for (const tool of ["value", "item", "key", "shell", "input", "path", "file", "unused"]) {
      const outcome = await engine.call({ tool, arguments: { x: values[tool] ?? text } });
      expect(outcome, tool).toMatchObject({ kind: "refused", code: "arguments.invalid" });
    }
    expect(await engine.call({ tool: "value", arguments: { [text]: "v" } })).toMatchObject({
      kind: "refused",
      code: "arguments.invalid",
    });
  });

  it.each([
    ["an element", { run: ["printf", "a\0b"] }],
    ["a default", { run: ["printf", "${{ x }}"], params: { x: { ...STRING, default: "a\0b" } } }],
    ["a flag", { run: ["printf", "${{ flags }}"], params: { x: { type: "boolean", flag: "-\0" } } }],
    ["a variable", { run: ["env"], env: { X: "a\0b" } }],
    ["half a pair in an element", { run: ["printf", "a\ud800b"] }],
  ])("written by the file, in %s, it does not load", async (_where, words) => {
    const problems = await rules(words);
    expect(problems).not.toEqual([]);
  });

  it("arguments that are nested without end are refused as such", async () => {
    const engine = await engineWith({ t: { run: [...ECHO, "--", "${{ x }}"], params: { x: { type: "array" } } } });
    for (const depth of [3000, 50_000]) {
      let x: unknown = [];
      for (let level = 0; level < depth; level++) x = [x];
      expect(await engine.call({ tool: "t", arguments: { x } })).toMatchObject({
        kind: "refused",
        code: "arguments.invalid",
      });
    }
  });
});

/** Variables that decide which code a program runs. */
const DECIDING = [
  "LD_PRELOAD",
  "LD_LIBRARY_PATH",
  "LD_AUDIT",
  "DYLD_INSERT_LIBRARIES",
  "GLIBC_TUNABLES",
  "GCONV_PATH",
  "NODE_OPTIONS",
  "NODE_PATH",
  "BASH_ENV",
  "ENV",
  "IFS",
  "PS4",
  "PROMPT_COMMAND",
  "SHELLOPTS",
  "BASHOPTS",
  "CDPATH",
  "PYTHONSTARTUP",
  "PYTHONPATH",
  "PYTHONHOME",
  "PYTHONINSPECT",
  "PYTHONBREAKPOINT",
  "PERL5OPT",
  "PERL5LIB",
  "PERLLIB",
  "PERL5DB",
  "RUBYOPT",
  "RUBYLIB",
  "JAVA_TOOL_OPTIONS",
  "_JAVA_OPTIONS",
  "JDK_JAVA_OPTIONS",
  "GIT_SSH",
  "GIT_SSH_COMMAND",
  "GIT_EXTERNAL_DIFF",
  "GIT_PAGER",
  "GIT_EDITOR",
  "GIT_ASKPASS",
  "GIT_PROXY_COMMAND",
  "GIT_EXEC_PATH",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_COUNT",
  "GIT_TEMPLATE_DIR",
  "PAGER",
  "MANPAGER",
  "LESSOPEN",
  "EDITOR",
  "VISUAL",
  "BROWSER",
  "SSH_ASKPASS",
  "SUDO_ASKPASS",
  "PHPRC",
  "LUA_INIT",
  "MAKEFLAGS",
  "ZDOTDIR",
];

/** More of them, each with the program that reads it. */
const DECIDING_TOO = [
  ["GIT_SEQUENCE_EDITOR", "git rebase"],
  ["RIPGREP_CONFIG_PATH", "rg: a file of options, --pre= among them"],
  ["TAR_OPTIONS", "tar: --checkpoint-action=exec="],
  ["RSYNC_RSH", "rsync"],
  ["PYTHONUSERBASE", "python: usercustomize"],
  ["RUSTC_WRAPPER", "cargo"],
  ["GOFLAGS", "go: -toolexec="],
  ["DOTNET_STARTUP_HOOKS", "dotnet"],
  ["OPENSSL_CONF", "openssl: loads engines"],
  ["LUA_PATH", "lua"],
  ["LUA_CPATH", "lua"],
  ["CLASSPATH", "java"],
  ["VIMINIT", "vim"],
  ["KUBECTL_EXTERNAL_DIFF", "kubectl diff"],
  ["GEM_PATH", "ruby"],
] as const;

describe("I4: variables that decide which code runs", () => {
  it.each([...DECIDING, "PATH"])("an argument never fills %s", async (name) => {
    expect(await rules({ run: ["env"], env: { [name]: "${{ x }}" }, params: { x: STRING } })).toContain(
      "env-placeholder",
    );
    expect(await rules({ run: ["env"], env: { [name]: "/usr/bin:${{ x }}" }, params: { x: STRING } })).toContain(
      "env-placeholder",
    );
  });

  it.each(DECIDING_TOO)("an argument never fills %s (%s), and `*` does not pass it on", async (name) => {
    expect(await rules({ run: ["env"], env: { [name]: "${{ x }}" }, params: { x: STRING } })).toContain(
      "env-placeholder",
    );
    const engine = await engineWith(
      { t: { run: ["env", "-0"], env: { inherit: ["*"] } } },
      { host: hostWith({ [name]: "/canary" }) },
    );
    expect(printed(await engine.call({ tool: "t", arguments: {} }))).not.toContain("/canary");
  });

  it("none is passed on by a `*`, and each only by its own name", async () => {
    const env = Object.fromEntries(DECIDING.map((name) => [name, "/canary"]));
    const globs = [...new Set(DECIDING.flatMap((name) => [`${name.slice(0, 2)}*`, `*${name.slice(1)}`, `${name}*`]))];
    const engine = await engineWith(
      {
        none: { run: ["env", "-0"] },
        star: { run: ["env", "-0"], env: { inherit: ["*"] } },
        globs: { run: ["env", "-0"], env: { inherit: globs } },
        named: { run: ["env", "-0"], env: { inherit: ["LESSOPEN"] } },
      },
      { host: hostWith(env) },
    );
    for (const tool of ["none", "star", "globs"])
      expect(printed(await engine.call({ tool, arguments: {} })), tool).not.toContain("/canary");
    expect(printed(await engine.call({ tool: "named", arguments: {} })).match(/\S*=\/canary/g)?.length).toBe(1);
  });

  it("functions that bash takes from the environment are not passed on by a `*`", async () => {
    const root = folder();
    const engine = await engineWith(
      { t: { shell: "bash", run: "ls", env: { inherit: ["*"] } } },
      { folder: root, host: hostWith({ "BASH_FUNC_ls%%": `() { touch ${join(root, "CANARY")}; }` }) },
    );
    await engine.call({ tool: "t", arguments: {} });
    expect(existsSync(join(root, "CANARY"))).toBe(false);
  });

  it("no argument names a variable: extra arguments are refused, and names hold no placeholder", async () => {
    const engine = await engineWith({ t: { run: ["env", "-0"], params: { x: STRING } } });
    for (const name of ["LD_PRELOAD", "env", "PATH", "__proto__", "constructor"]) {
      const outcome = await engine.call({ tool: "t", arguments: JSON.parse(`{"${name}":"/canary"}`) });
      expect(outcome, name).toMatchObject({ kind: "refused", code: "arguments.invalid" });
    }
    expect(await rules({ run: ["env"], env: { "${{ x }}": "v" }, params: { x: STRING } })).not.toEqual([]);
    expect(await rules({ run: ["env"], env: { "X%%": "v" } })).not.toEqual([]);
  });

  it("a shell's own variables are not reached by a parameter's name", async () => {
    const names = ["IFS", "PATH", "BASH_ENV", "PS4", "LD_PRELOAD", "SHELLOPTS"];
    const engine = await engineWith({
      t: {
        shell: "bash",
        run: 'printf "%s|" "$PATH" "${BASH_ENV-}" "${LD_PRELOAD-}" "$arg_PATH"; set -- a:b; printf "%s" $*',
        params: Object.fromEntries(names.map((name) => [name, STRING])),
      },
    });
    const args = Object.fromEntries(names.map((name) => [name, ":"]));
    expect(printed(await engine.call({ tool: "t", arguments: args }))).toBe(`${host.path}|||:|a:b`);
  });
});

describe("I5: one pass", () => {
  it("what a place was filled with is never read again", async () => {
    const engine = await engineWith({
      t: {
        run: [...ECHO, "--", "${{ x }}", "${{ y }}", "[${{ x }}${{ y }}]", ["${{ y }}"]],
        env: { E: "${{ x }}" },
        params: { x: STRING, y: STRING, secret: { ...STRING, default: "hidden" } },
      },
    });
    for (const payload of [
      "${{ y }}",
      "${{ secret }}",
      "${{ x }}",
      "$${{ y }}",
      "${HOME}",
      "${{ workspace }}",
      "${{ flags }}",
      "$${",
      "${{",
    ]) {
      expect(fields(await engine.call({ tool: "t", arguments: { x: payload, y: "Y" } }))).toEqual([
        "|",
        "--",
        payload,
        "Y",
        `[${payload}Y]`,
        "Y",
      ]);
    }
  });

  it("neither is a default, an item, nor what two values make together", async () => {
    const engine = await engineWith({
      t: {
        run: [...ECHO, "${{ a }}{{ x }}", "${{ b }}${{ a }}", "${{ list }}"],
        params: {
          a: { ...STRING, default: "$" },
          b: { ...STRING, default: "${{ x }}" },
          list: { type: "array", items: STRING },
          x: { ...STRING, default: "X" },
        },
      },
    });
    expect(fields(await engine.call({ tool: "t", arguments: { list: ["${{ x }}", "$${"] } }))).toEqual([
      "|",
      "${{ x }}",
      "${{ x }}$",
      "${{ x }}",
      "$${",
    ]);
  });

  it.each(["${{ x }}", "a ${{ x }} b", "${{x}}", "$${{ x }}", "${OTHER}", "${", "$${", "${{ nobody }}", "$"])(
    "a variable of the host that holds %j stays text",
    async (value) => {
      const where = { host: hostWith({ FOO: value, OTHER: "other" }) };
      const engine = await engineWith(
        {
          t: {
            run: [...ECHO, "--", "<${FOO}>", "${{ x }}"],
            env: { E: "${FOO}" },
            params: { x: { ...STRING, default: "X" } },
          },
        },
        where,
      );
      expect(fields(await engine.call({ tool: "t", arguments: {} }))).toEqual(["|", "--", `<${value}>`, "X"]);
      const line = await engineWith(
        { t: { run: `printf '%s\\0' "|" '<\${FOO}>' \${{ x }}`, params: { x: { ...STRING, default: "X" } } } },
        where,
      );
      expect(fields(await line.call({ tool: "t", arguments: {} }))).toEqual(["|", `<${value}>`, "X"]);
    },
  );

  it("the program, the names of tools and of variables take no parameter", async () => {
    const params = { x: STRING };
    expect(await rules({ run: ["${{ x }}"], params })).toContain("program-placeholder");
    expect(await rules({ run: ["/usr/bin/${{ x }}"], params })).toContain("program-placeholder");
    expect(await rules({ run: [["${{ x }}"]], params })).not.toEqual([]);
    expect(await rules({ name: "${{ x }}", run: ["true"], params })).not.toEqual([]);
    expect(await rules({ run: "${{ x }} -l", params })).toContain("program-placeholder");
  });

  it("property: any text comes through two places of one element as it is", async () => {
    const engine = await engineWith({
      t: { run: ["printf", "--", "${{ x }}|${{ y }}"], params: { x: STRING, y: STRING } },
    });
    await fc.assert(
      fc.asyncProperty(passable, passable, async (x, y) => {
        const outcome = await engine.call({ tool: "t", arguments: { x, y }, dryRun: true });
        expect(outcome).toMatchObject({ kind: "planned", plan: { argv: ["printf", "--", `${x}|${y}`] } });
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("I7 and I8: paths out of the root", () => {
  it.each([
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    "sub/../../x",
    "link/passwd",
    "file:///etc/passwd/../..",
    "....//....//etc/passwd/../../../../x",
  ])("%s does not reach a program", async (value) => {
    const root = folder({ "sub/a": "a" });
    symlinkSync("/etc", join(root, "link"));
    const engine = await engineWith(
      {
        t: { run: ["cat", "${{ x }}"], params: { x: { type: "path" } } },
        sh: { shell: "sh", run: 'cat "$arg_x"', params: { x: { type: "path" } } },
      },
      { folder: root },
    );
    for (const tool of ["t", "sh"]) {
      const outcome = await engine.call({ tool, arguments: { x: value } });
      if (outcome.kind === "failed") expect(outcome.stderr.head.toString()).toContain(`${root}/`);
      else expect(outcome).toMatchObject({ kind: "refused", code: "path.outside" });
    }
  });
});

it("I9: a link that is swapped after the check is not followed, for the program gets the real path", async () => {
  const root = folder({ "inside/f": "inside", "outside/f": "outside", "ws/x": "" });
  const ws = join(root, "ws");
  mkdirSync(join(ws, "real"));
  writeFileSync(join(ws, "real/f"), "inside");
  symlinkSync("real", join(ws, "link"));
  const engine = await engineWith(
    {
      t: {
        run: ["sh", "-c", 'touch ready; while [ ! -e go ]; do sleep 0.02; done; cat "$1"', "sh", "${{ x }}"],
        params: { x: { type: "path", exists: "file" } },
      },
    },
    { folder: ws },
  );
  const running = engine.call({ tool: "t", arguments: { x: "link/f" } });
  await poll(
    () => existsSync(join(ws, "ready")),
    () => "the program did not start",
  );
  rmSync(join(ws, "link"));
  symlinkSync(join(root, "outside"), join(ws, "link"));
  writeFileSync(join(ws, "go"), "");
  expect(printed(await running)).toBe("inside");
});

describe("I10: batch files on Windows", () => {
  it.each(["tool.bat", "tool.CMD", "C:/tools/x.Bat", "tool.cmd. "])(
    "%s does not load: cmd.exe would read the arguments again",
    async (name) => {
      const yaml = `commands: [{ name: t, description: d, run: [${JSON.stringify(name)}, "\${{ x }}"], params: { x: { type: string } } }]`;
      const onWindows = await load(yaml, { host: { ...host, platform: "win32" } });
      expect(onWindows.problems.filter(isError).map((problem) => problem.message)).toEqual([
        "cmd.exe reads the arguments of a batch file again",
      ]);
    },
  );
});

describe("I11: what is not given is not passed on as a word", () => {
  it.each([
    ["null", { x: null, list: null }],
    ["undefined", { x: undefined, list: undefined }],
    ["absent", {}],
  ])("%s", async (_what, args) => {
    const engine = await engineWith({
      t: {
        run: [
          ...ECHO,
          "${{ x }}",
          "a${{ x }}",
          ["-x", "${{ x }}"],
          "${{ flags }}",
          "${{ list }}",
          ["-l", "${{ list }}"],
        ],
        stdin: "${{ x }}",
        env: { X: "${{ x }}" },
        params: { x: { ...STRING, flag: "--x=" }, list: { type: "array", items: STRING, flag: "-y" } },
      },
      sh: {
        shell: "sh",
        run: 'printf "%s\\0" "${arg_x-unset}" "${arg_list-unset}"',
        params: { x: STRING, list: { type: "array", items: STRING } },
      },
      needed: { run: [...ECHO, "--", "${{ x }}"], params: { x: { ...STRING, required: true } } },
    });
    const outcome = await engine.call({ tool: "t", arguments: args });
    expect(fields(outcome)).toEqual(["|"]);
    const planned = await engine.call({ tool: "t", arguments: args, dryRun: true });
    expect(planned.kind === "planned" && planned.plan.env.some((variable) => variable.name === "X")).toBe(false);
    expect(fields(await engine.call({ tool: "sh", arguments: args }))).toEqual(["unset", "unset"]);
    expect(await engine.call({ tool: "needed", arguments: { x: (args as { x?: unknown }).x } })).toMatchObject({
      kind: "refused",
      code: "arguments.invalid",
    });
  });
});

describe("I12: the server's environment", () => {
  const secrets = [
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "NPM_TOKEN",
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "DATABASE_PASSWORD",
    "PGPASSWORD",
    "MYSQL_PASSWORD",
    "REDIS_PASSWORD",
    "SSH_PRIVATE_KEY",
    "STRIPE_SECRET",
    "SLACK_TOKEN",
    "JWT_SECRET",
    "SESSION_SECRET",
    "DOCKER_PASSWORD",
    "VAULT_TOKEN",
    "SENTRY_AUTH_TOKEN",
    "TWILIO_AUTH_TOKEN",
    "GPG_KEY",
    "KEYCHAIN_PASSWORD",
  ];
  const others = Array.from({ length: 84 }, (_, index) => `CANARY_VARIABLE_${index}`);
  const proxies = [
    "HTTP_PROXY",
    "https_proxy",
    "XDG_CONFIG_HOME",
    "SSH_AUTH_SOCK",
    "DBUS_SESSION_BUS_ADDRESS",
    "LS_COLORS",
  ];
  const env = Object.fromEntries([...secrets, ...others, ...proxies].map((name) => [name, `canary-of-${name}`]));
  const passed = {
    HOME: "/home/me",
    USER: "me",
    LOGNAME: "me",
    SHELL: "/bin/sh",
    LANG: "C",
    LC_ALL: "C",
    LC_TIME: "C",
    TZ: "UTC",
    TERM: "dumb",
    TMPDIR: "/tmp",
  };

  it("of 112 variables, 22 of them secrets, a child gets none that the language does not pass on", async () => {
    expect(Object.keys(env)).toHaveLength(112);
    const engine = await engineWith(
      { argv: { run: ["env", "-0"] }, sh: { shell: "sh", run: "env -0" }, bash: { shell: "bash", run: "env -0" } },
      { host: hostWith({ ...env, ...passed, arg_left: "canary-of-arg" }) },
    );
    for (const tool of ["argv", "sh", "bash"]) {
      const got = fields(await engine.call({ tool, arguments: {} }));
      expect(
        got.filter((variable) => variable.includes("canary")),
        tool,
      ).toEqual([]);
      const names = got
        .map((variable) => variable.split("=")[0] ?? "")
        .filter((name) => tool === "argv" || !["SHLVL", "_", "OLDPWD"].includes(name));
      const ours = ["PATH", "NO_COLOR", "PWD", "MCPFIER_CALL"];
      expect(names.toSorted(), tool).toEqual([...ours, ...Object.keys(passed)].toSorted());
    }
  });

  it("what is inherited by name or glob arrives, nothing beside it, and a secret among it is redacted in what is shown", async () => {
    const engine = await engineWith(
      { t: { run: ["env", "-0"], env: { inherit: ["AWS_*", "CANARY_VARIABLE_7", "XDG_CONFIG_HOME"] } } },
      { host: hostWith(env) },
    );
    const got = fields(await engine.call({ tool: "t", arguments: {} })).filter((variable) =>
      /canary|redacted/.test(variable),
    );
    expect(got.toSorted()).toEqual([
      "AWS_ACCESS_KEY_ID=[redacted]",
      "AWS_SECRET_ACCESS_KEY=[redacted]",
      "CANARY_VARIABLE_7=canary-of-CANARY_VARIABLE_7",
      "XDG_CONFIG_HOME=canary-of-XDG_CONFIG_HOME",
    ]);
  });

  it("`inherit: all` passes everything on but `arg_*`", async () => {
    const engine = await engineWith(
      { t: { run: ["env", "-0"], env: { inherit: "all" } } },
      { host: hostWith({ ...env, arg_left: "canary-of-arg", LD_PRELOAD: "" }) },
    );
    const names = fields(await engine.call({ tool: "t", arguments: {} })).map(
      (variable) => variable.split("=")[0] ?? "",
    );
    expect(names.toSorted()).toEqual(
      [...Object.keys(env), "LD_PRELOAD", "NO_COLOR", "PATH", "PWD", "MCPFIER_CALL"].toSorted(),
    );
  });

  it("neither a dry run nor a refusal shows a value of the host", async () => {
    const engine = await engineWith(
      { t: { run: ["no-such-program-here"], env: { inherit: ["GITHUB_TOKEN"] } } },
      { host: hostWith(env) },
    );
    const { shownPlan } = await import("../../src/executors/plan.ts");
    const planned = await engine.call({ tool: "t", arguments: {}, dryRun: true });
    expect(planned.kind).toBe("planned");
    expect(JSON.stringify(planned.kind === "planned" ? shownPlan(planned.plan) : "")).not.toContain("canary");
    const refused = await engine.call({ tool: "t", arguments: {} });
    expect(refused).toMatchObject({ kind: "refused", code: "program.missing" });
    expect(JSON.stringify(refused)).not.toContain("canary");
  });
});

describe("I13: values that a program reads as more than text", () => {
  const url = { ...STRING, pattern: String.raw`https://[\w.-]+(/[\w./-]*)?` };

  it.each([
    "file:///etc/passwd",
    "ext::sh -c touch% canary",
    "@/etc/passwd",
    "gopher://x/",
    "https://ok.example/\nfile:///etc/passwd",
    "\nhttps://ok.example/",
    "https://ok.example/\n",
    "xhttps://ok.example",
    "HTTPS://ok.example",
    "https://ok.example/ -o x",
    " https://ok.example",
  ])("a pattern matches the whole value, and %j is refused", async (value) => {
    const engine = await engineWith({
      t: { run: [...ECHO, "--", "${{ x }}"], params: { x: url } },
      sh: { shell: "sh", run: "true", params: { x: url } },
    });
    for (const tool of ["t", "sh"])
      expect(await engine.call({ tool, arguments: { x: value } })).toMatchObject({
        kind: "refused",
        code: "arguments.invalid",
      });
    expect(fields(await engine.call({ tool: "t", arguments: { x: "https://ok.example/a" } }))).toEqual([
      "|",
      "--",
      "https://ok.example/a",
    ]);
  });

  it("git runs no helper that a remote names", async () => {
    const root = folder();
    const engine = await engineWith(
      { t: { run: ["git", "ls-remote", "--", "${{ x }}"], params: { x: STRING } } },
      { folder: root },
    );
    for (const remote of [`ext::sh -c touch% ${root}/canary`, `fd::${root}`, `$(touch ${root}/canary)`])
      await engine.call({ tool: "t", arguments: { x: remote } });
    expect(existsSync(join(root, "canary"))).toBe(false);
  });
});

function evil(): string {
  const root = folder();
  for (const place of ["ls", "bin/ls", "later"]) {
    mkdirSync(join(root, "bin"), { recursive: true });
    writeFileSync(join(root, place), "#!/bin/sh\necho evil\n");
    chmodSync(join(root, place), 0o755);
  }
  return root;
}

describe("I14: which file a name means", () => {
  const PATHS = [
    ".:/usr/bin:/bin",
    ":/usr/bin:/bin",
    "/usr/bin:/bin:",
    "bin:/usr/bin:/bin",
    "./bin:.:/usr/bin:/bin",
    "..:/usr/bin::/bin",
  ];

  it.each(PATHS)(
    "with a PATH of %s an `ls` in the working directory, of the server or the command, is not the one that runs",
    async (path) => {
      const root = evil();
      const before = process.cwd();
      process.chdir(root);
      atEnd(() => process.chdir(before));
      const engine = await engineWith({ t: { run: ["ls", "/"] } }, { folder: root, host: hostWith({}, path) });
      const planned = await engine.call({ tool: "t", arguments: {}, dryRun: true });
      expect(planned.kind === "planned" && planned.plan.executor === "local" && planned.plan.program).toMatch(
        /^(?:\/usr)?\/bin\/ls$/,
      );
      expect(printed(await engine.call({ tool: "t", arguments: {} }))).toContain("tmp");
    },
  );

  it.each(PATHS)("nor the one that a script finds, with a PATH of %s", async (path) => {
    const engine = await engineWith(
      { t: { shell: "sh", run: "ls /" }, env: { run: ["env", "ls", "/"] } },
      { folder: evil(), host: hostWith({}, path) },
    );
    for (const tool of ["t", "env"])
      expect(printed(await engine.call({ tool, arguments: {} })), tool).not.toContain("evil");
  });

  it("a program that is nowhere else is missing, though it lies in the working directory", async () => {
    const root = evil();
    const before = process.cwd();
    process.chdir(root);
    atEnd(() => process.chdir(before));
    const engine = await engineWith({ t: { run: ["later"] } }, { folder: root, host: hostWith({}, `.:${PATHS[1]}`) });
    expect(await engine.call({ tool: "t", arguments: {} })).toMatchObject({ kind: "refused", code: "program.missing" });
  });

  it("what was found when the catalogue was loaded is what runs, though another stands before it later", async () => {
    const root = folder({ "first/.keep": "", "second/tool": "#!/bin/sh\necho second\n" });
    chmodSync(join(root, "second/tool"), 0o755);
    const engine = await engineWith(
      { t: { run: ["tool"] } },
      { folder: root, host: hostWith({}, `${root}/first:${root}/second:/bin`) },
    );
    writeFileSync(join(root, "first/tool"), "#!/bin/sh\necho first\n");
    chmodSync(join(root, "first/tool"), 0o755);
    expect(printed(await engine.call({ tool: "t", arguments: {} }))).toBe("second\n");
  });

  it("a name with a slash begins at the catalogue's folder, not at the working directory", async () => {
    const root = evil();
    mkdirSync(join(root, "sub"));
    writeFileSync(join(root, "sub/ls"), "#!/bin/sh\necho worse\n");
    chmodSync(join(root, "sub/ls"), 0o755);
    const engine = await engineWith({ t: { run: ["./ls"], cwd: "sub" } }, { folder: root });
    expect(printed(await engine.call({ tool: "t", arguments: {} }))).toBe("evil\n");
  });

  it("the PATH that the defaults set is the one that programs are looked up in, as that of a command is", async () => {
    const root = evil();
    const path = `${root}/bin:/usr/bin:/bin`;
    const own = await engineWith({ t: { run: ["ls"], env: { PATH: path } } });
    expect(printed(await own.call({ tool: "t", arguments: {} }))).toBe("evil\n");
    const inherited = await engineOf(
      yamlOf({ defaults: { env: { PATH: path } }, commands: [{ name: "t", description: "d", run: ["ls"] }] }),
    );
    expect(printed(await inherited.call({ tool: "t", arguments: {} }))).toBe("evil\n");
  });
});

it("every text of the corpus that a model may send is answered by an outcome, and the engine lives on", async () => {
  const engine = await engineWith({ t: { run: [...ECHO, "--", "${{ x }}"], params: { x: STRING } } });
  for (const text of [...TEMPLATE_PAYLOADS, ...OPTION_PAYLOADS]) {
    expect(fields(await engine.call({ tool: "t", arguments: { x: text } }))).toEqual(["|", "--", text]);
    expect(await engine.call({ tool: text, arguments: {} })).toMatchObject({ kind: "refused", code: "tool.unknown" });
    expect(await engine.call({ tool: "t", arguments: text })).toMatchObject({
      kind: "refused",
      code: "arguments.invalid",
    });
  }
  for (const given of [undefined, null, [], 5, true])
    expect((await engine.call({ tool: "t", arguments: given })).kind).toBe("refused");
});
