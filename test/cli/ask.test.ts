import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BIN, type Ran, atEnd, collect, folder, mcpfier, poll } from "../rig.ts";

const YAML = `
commands:
  - name: greet
    description: Greets.
    run: [echo, "\${{ who }}", "\${{ times }}", "\${{ tone }}", "\${{ loud }}", "\${{ marks }}"]
    params:
      who: { type: string, required: true, description: Whom, minLength: 2 }
      times: { type: integer, default: 2 }
      tone: { oneOf: [{ const: warm, title: As a friend }, { const: cool }] }
      loud: { type: boolean }
      marks: { type: array, items: { enum: [x, "y"] } }
    ask: [who, times, tone, loud, marks]
    tests:
      - { args: { who: me, loud: true }, argv: [echo, me, "2", "true"], stdout: me 2 true }
`;

/** Runs a command on a terminal of its own, and types each line once its prompt stands there. */
async function onTerminal(words: string, lines: readonly string[]): Promise<Pick<Ran, "code" | "stdout">> {
  const path = folder({ "mcpfier.yaml": YAML });
  const command = `${process.execPath} ${BIN} run -c ${join(path, "mcpfier.yaml")} ${words}`;
  const child = spawn("script", ["-qec", command, "/dev/null"], { env: { ...process.env, SHELL: "/bin/sh" } });
  atEnd(() => child.kill());
  const stdout = collect(child, "stdout");
  const exit = new Promise<number | null>((done) => child.once("close", done));
  for (const [index, line] of lines.entries()) {
    await poll(() => (stdout().match(/^\w+(?:: Whom)?(?: \[[^\n]*\])?: /gm) ?? []).length > index, stdout);
    child.stdin.write(line);
  }
  return { code: await exit, stdout: stdout() };
}

describe("mcpfier run, of what it asks for", () => {
  test("asks on a terminal for what was not given, and once more for what did not fit", async () => {
    const first = ["a\r", "\r", "warm\r", "Yes\r", "x, y\r"];
    const ran = await onTerminal("greet", [...first, "you\r", "3\r", "\r", "no\r", "\r"]);
    expect(ran.stdout).toContain("who: Whom: ");
    expect(ran.stdout).toContain("times [an integer; empty: 2]: ");
    expect(ran.stdout).toContain("tone [one of warm (As a friend), cool; empty: none]: ");
    expect(ran.stdout).toContain("marks [some of x, y, with commas between them; empty: none]: ");
    expect(ran.stdout).toMatch(/That did not fit:\r?\n {4}who: must NOT have fewer than 2 characters, came "a"/);
    expect(ran.stdout.trimEnd().split(/\r?\n/).at(-1)).toBe("you 3 false");
    expect(ran.code).toBe(0);
  });

  test.each([
    ["\u0004", 125],
    ["\u0003", 130],
  ])("ends with %j typed as %i, and runs nothing", async (typed, code) => {
    const ran = await onTerminal("greet --times 1", [typed]);
    expect(ran.code).toBe(code);
    if (code === 125) expect(ran.stdout).toContain("refused (ask.declined)");
  });

  test("without a terminal, or with --yes, says what to give", async () => {
    const path = folder({ "mcpfier.yaml": YAML });
    const refused = await mcpfier(["greet", "--times", "1"], { cwd: path, input: "you\n" });
    expect(refused.code).toBe(125);
    expect(refused.stderr).toContain("refused (ask.unavailable)");
    expect(refused.stderr).toContain("on the command line by `--who`, `--tone`, `--loud`, `--marks`");
    const allowed = await onTerminal("greet --yes --times 1", []);
    expect(allowed.stdout).toContain("refused (ask.unavailable)");
    const given = ["greet", "--who", "you", "--args", '{"times":null,"tone":null,"loud":false,"marks":null}'];
    expect((await mcpfier(given, { cwd: path })).stdout).toBe("you 2 false\n");
    const tested = await mcpfier(["test", "--run"], { cwd: path });
    expect(tested.stdout).toContain("1 passed, 0 failed; 1 of them were run");
    expect((await mcpfier(["greet", "--help"], { cwd: path })).stdout).toMatch(/--who <string> +Whom \(asked for\)/);
  });
});
