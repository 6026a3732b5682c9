// The faults of the original MCPFier, each by its name: how commands ran.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, load, poll } from "../rig.ts";
import { findings, original, run } from "./original.ts";

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

  it("one that is not set is told at its place, and the text itself is never passed on", async () => {
    const file = original('{ name: a, description: A., script: echo, args: ["${NOT_SET_ANYWHERE}"] }');
    expect(await findings(file)).toContainEqual(
      "2 warning unset-variable: the environment variable NOT_SET_ANYWHERE is not set, so that calls of this command are refused",
    );
    expect(await run(file, ["a"])).toMatchObject({ code: 125, stdout: "" });
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

describe("fault of the original: of several words the last one is the command", () => {
  it("the first is, and a word that it does not take is an error before anything runs", async () => {
    const file = original("{ name: first, script: echo, args: [one] }", "{ name: second, script: echo, args: [two] }");
    const { code, stdout, stderr } = await run(file, ["first", "second"]);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr).toContain("second");
  });
});
