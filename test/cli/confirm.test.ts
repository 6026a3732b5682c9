import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BIN, type Ran, atEnd, collect, folder, mcpfier, poll } from "../rig.ts";

const YAML = `
commands:
  - name: greet
    description: Greets.
    run: [touch, --, "\${{ who }}"]
    params: { who: { type: string, required: true } }
    confirm: Greet \${{ who }}?
    tests:
      - { args: { who: one }, argv: [touch, --, one] }
      - { args: { who: two }, argv: [touch, --, two], exit: 0 }
`;

/** Runs a command on a terminal of its own, and types once the question stands there; null: nothing is typed. */
async function onTerminal(path: string, words: string, typed: string | null): Promise<Pick<Ran, "code" | "stdout">> {
  const command = `${process.execPath} ${BIN} run -c ${join(path, "mcpfier.yaml")} ${words}`;
  const child = spawn("script", ["-qec", command, "/dev/null"], { env: { ...process.env, SHELL: "/bin/sh" } });
  atEnd(() => child.kill());
  const stdout = collect(child, "stdout");
  const exit = new Promise<number | null>((done) => child.once("close", done));
  if (typed !== null) {
    await poll(() => stdout().includes("[y/N] "), stdout);
    child.stdin.write(typed);
  }
  const code = await exit;
  return { code, stdout: stdout() };
}

describe("mcpfier run, of what is to be confirmed", () => {
  test.each([
    ["y\r", 0],
    ["Yes\r", 0],
    ["n\r", 125],
    ["\r", 125],
    ["yesterday\r", 125],
    ["\u0004", 125],
    ["\u0003", 130],
  ])("on a terminal, with %j typed, ends with %i", async (typed, code) => {
    const path = folder({ "mcpfier.yaml": YAML });
    const ran = await onTerminal(path, "greet --who 'you\u001B[2J'", typed);
    expect(ran.stdout).toContain(String.raw`Greet "you\u{1b}[2J"?`);
    expect(ran.stdout).toContain(String.raw`    touch -- $'you\u001b[2J'`);
    expect(ran.stdout).not.toContain("\u001B[2J");
    expect(ran.code).toBe(code);
    expect(existsSync(join(path, "you\u001B[2J"))).toBe(code === 0);
    if (code === 125) expect(ran.stdout).toContain("refused (confirm.declined)");
  });

  test("without a terminal is refused, with --yes not", async () => {
    const path = folder({ "mcpfier.yaml": YAML });
    const refused = await mcpfier(["run", "greet", "--who", "x"], { cwd: path, input: "y\n" });
    expect(refused.code).toBe(125);
    expect(refused.stderr).toContain("refused (confirm.unavailable)");
    expect(refused.stderr).toContain("`mcpfier run greet --yes`");
    expect(existsSync(join(path, "x"))).toBe(false);
    const ran = await mcpfier(["greet", "--who", "x", "--yes"], { cwd: path });
    expect(ran.code).toBe(0);
    expect(existsSync(join(path, "x"))).toBe(true);
  });

  test("with --dry-run prints the question and asks nobody", async () => {
    const path = folder({ "mcpfier.yaml": YAML });
    const ran = await onTerminal(path, "greet --who x --dry-run", null);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('"confirm": "Greet x?"');
  });
});

test("mcpfier test runs what is to be confirmed only with --yes", async () => {
  const path = folder({ "mcpfier.yaml": YAML });
  const refused = await mcpfier(["test", "--run"], { cwd: path });
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain("refused (confirm.unavailable)");
  expect(existsSync(join(path, "two"))).toBe(false);
  const ran = await mcpfier(["test", "--run", "--yes"], { cwd: path });
  expect(ran.stdout).toContain("2 passed, 0 failed; 1 of them were run");
  expect([existsSync(join(path, "one")), existsSync(join(path, "two"))]).toEqual([false, true]);
});
