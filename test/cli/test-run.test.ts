import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { collect, folder, mcpfier, poll, start } from "../rig.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** Runs the tests of one command; `keys` are those of the command beside its name. */
async function testRun(
  keys: Readonly<Record<string, unknown>>,
  { words = ["--run"], env = {} }: { readonly words?: readonly string[]; readonly env?: Record<string, string> } = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly path: string }> {
  const commands = [{ name: "tool", description: "d", ...keys }];
  const path = folder({ "mcpfier.yaml": JSON.stringify({ commands }) });
  const { code, stdout } = await mcpfier(["test", ...words], { cwd: path, env });
  return { code, stdout: stdout.replaceAll(`${path}/`, ""), path };
}

const SCRIPT = {
  shell: "sh",
  run: "cat out; echo oops >&2; exit $arg_code",
  params: { code: { type: "integer", default: 0 } },
};

describe("mcpfier test --run", () => {
  test("passes a test whose exit code and stdout come, white space at the end aside", async () => {
    const { code, stdout } = await testRun({
      shell: "sh",
      run: "printf 'one\\n  two\\n'; exit $arg_code",
      params: { code: { type: "integer", default: 0 } },
      ok_exit_codes: [0, 3],
      tests: [
        { stdout: "one\n  two" },
        { args: { code: 3 }, stdout: "one\n  two\n\n \n" },
        { args: { code: 3 }, exit: 3, stdout: "one\n  two" },
        { args: { code: 4 }, exit: 4 },
        { exit: 0 },
        {},
        { args: { code: "x" }, refused: "arguments.invalid", exit: 0 },
      ],
    });
    expect(stdout).toBe("mcpfier.yaml: 7 passed, 0 failed; 5 of them were run\n");
    expect(code).toBe(0);
  });

  test("compares what each test prints itself, and of several attempts the last", async () => {
    const { stdout } = await testRun({
      effect: "read",
      shell: "sh",
      run: 'echo x >> count; n=$(grep -c x count); echo "run $n"; [ $((n % 2)) = 0 ]',
      cache: { ttl: "1h" },
      retry: { delay: "1ms" },
      tests: [{ stdout: "run 2" }, { stdout: "run 4" }],
    });
    expect(stdout).toBe("mcpfier.yaml: 2 passed, 0 failed; 2 of them were run\n");
  });

  test("fills in the workspace and the id of the call", async () => {
    const { stdout, code } = await testRun({
      run: ["echo", "${{ workspace }}/a", "${{ call_id }}"],
      tests: [{ stdout: "${{ workspace }}/a ${{ call_id }}" }],
    });
    expect({ stdout, code }).toEqual({ stdout: "mcpfier.yaml: 1 passed, 0 failed; 1 of them were run\n", code: 0 });
  });

  test.each([
    ["a line", "one\nTWO\n", "stdout, line 2", '"two"', '"TWO"'],
    ["white space inside", "one\ntwo  \nthree", "stdout, line 2", '"two"', '"two  "'],
    ["what cannot be seen", "one\nt\u202e\u001bwo", "stdout, line 2", '"two"', String.raw`"t\u{202e}\u001bwo"`],
    ["too little", "one", "stdout, line 2", '"two"', "the end"],
    ["too much", "one\ntwo\nthree\nfour", "stdout, line 4", "the end", '"four"'],
    ["nothing", "", "stdout, line 1", '"one"', '""'],
  ])("tells the first line that differs: %s", async (_what, printed, what, expected, came) => {
    const { code, stdout } = await testRun({
      run: ["cat"],
      stdin: printed,
      tests: [{ name: "shows it", stdout: "one\ntwo\nthree\n" }],
    });
    expect(code).toBe(1);
    expect(stdout.split("\n")).toEqual([
      "failed mcpfier.yaml:1 tool: shows it",
      `  ${what}: expected ${expected}`,
      `  ${" ".repeat(what.length)}  came     ${came}`,
      "mcpfier.yaml: 0 passed, 1 failed; 1 of them were run",
      "",
    ]);
  });

  test("of a long line it shows the part that differs", async () => {
    const line = "x".repeat(5000);
    const { stdout } = await testRun({
      run: ["cat"],
      stdin: `${line}A${line}`,
      tests: [{ stdout: `${line}B${line}` }],
    });
    expect(stdout).toMatch(/expected \.\.\."x{40}Bx{119}"\.\.\.\n.*came {5}\.\.\."x{40}Ax{119}"\.\.\.\n/);
  });

  test("another exit code is told with what stderr begins with, and counts before stdout", async () => {
    const { stdout } = await testRun({
      ...SCRIPT,
      tests: [
        { args: { code: 4 }, exit: 3, stdout: "x" },
        { args: { code: 4 }, stdout: "x" },
      ],
    });
    expect(stdout).toContain(
      '  exit: expected exit code 3\n        came     exit code 4; stderr begins with "cat: out: No such file or directory"\n',
    );
    expect(stdout).toContain("  exit: expected an exit code among `ok_exit_codes`\n");
    expect(stdout).not.toContain("stdout,");
  });

  test("a timeout, a refusal and a signal are differences too", async () => {
    const slow = await testRun({ run: ["sleep", "60"], timeout: "100ms", tests: [{ exit: 0 }] });
    expect(slow.stdout).toMatch(/outcome: expected exit code 0\n +came +timed out after 0\.\d+ s\n/);
    const gone = await testRun({ run: ["no-such-program"], tests: [{ stdout: "" }] });
    expect(gone.stdout).toMatch(/came +refused \(program\.missing\): no-such-program was not found/);
    const killed = await testRun({ shell: "sh", run: "kill -KILL $$", tests: [{ exit: 0 }, { exit: 137 }] });
    expect(killed.stdout).toMatch(/exit: expected exit code 0\n +came +ended by SIGKILL\n/);
    expect(killed.stdout).toContain("1 passed, 1 failed");
  });

  test("what renders otherwise than its author thought is not run", async () => {
    const { stdout, path } = await testRun({
      run: ["touch", "made"],
      tests: [{ argv: ["touch", "other"], exit: 0 }],
    });
    expect(stdout).toContain("0 passed, 1 failed; 0 of them were run");
    expect(existsSync(join(path, "made"))).toBe(false);
  });

  test("without --run nothing is run, and it says what was not checked", async () => {
    const { stdout, code, path } = await testRun(
      { run: ["touch", "made"], tests: [{ exit: 1, stdout: "x" }, { exit: 0 }, {}] },
      { words: [] },
    );
    expect(code).toBe(0);
    expect(stdout).toBe(
      "mcpfier.yaml: 3 passed, 0 failed; 3 expectations of `exit` and `stdout` not checked: `--run` checks them\n",
    );
    expect(existsSync(join(path, "made"))).toBe(false);
  });

  test("a command that writes is run too, and the help says so", async () => {
    const { path } = await testRun({ effect: "destructive", run: ["touch", "made"], tests: [{ exit: 0 }] });
    expect(existsSync(join(path, "made"))).toBe(true);
    const { stdout } = await mcpfier(["test", "--help"]);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("their commands are really run, those that write or delete too");
  });

  test("prints no secret, on either side", async () => {
    const { stdout } = await testRun(
      {
        shell: "sh",
        run: 'echo "is $TOKEN"; echo "not $TOKEN" >&2; test "$arg_exit" = no || exit 3',
        params: { exit: { type: "string", default: "no" } },
        env: { TOKEN: "${API_TOKEN}" },
        tests: [{ stdout: "is ${API_TOKEN}" }, { stdout: "was ${API_TOKEN}" }, { args: { exit: "yes" }, exit: 0 }],
      },
      { env: { API_TOKEN: "canary-8c1f" } },
    );
    expect(stdout).not.toContain("canary");
    expect(stdout).toContain('expected "was [redacted]"\n');
    expect(stdout).toContain('came     "is [redacted]"\n');
    expect(stdout).toContain('stderr begins with "not [redacted]"\n');
    expect(stdout).toContain("1 passed, 2 failed");
  });

  test("Ctrl-C stops the command that runs, and the tests after it are not run", async () => {
    const run = "trap 'echo asked > stopped; exit 0' TERM; echo $$ > pid; while :; do sleep 0.05; done";
    const commands = [
      { name: "first", description: "d", run: ["true"], tests: [{ exit: 0 }] },
      { name: "waits", description: "d", shell: "sh", run, tests: [{ exit: 0 }] },
      { name: "later", description: "d", run: ["touch", "made"], tests: [{ exit: 0 }] },
    ];
    const path = folder({ "mcpfier.yaml": JSON.stringify({ commands }) });
    const child = start(["test", "--run"], { cwd: path });
    const stdout = collect(child, "stdout");
    const exit = new Promise((done) => child.once("close", done));
    await poll(
      () => existsSync(join(path, "pid")) && readFileSync(join(path, "pid"), "utf8").endsWith("\n"),
      () => `it does not run: ${stdout()}`,
    );
    child.kill("SIGINT");
    expect(await exit).toBe(130);
    expect(stdout()).toBe(
      `${join(path, "mcpfier.yaml")}: 1 passed, 0 failed; interrupted, 2 tests left; 1 of them were run\n`,
    );
    expect(existsSync(join(path, "stopped"))).toBe(true);
    expect(existsSync(join(path, "made"))).toBe(false);
  });
});

test.each(["mcpfier.yaml", "examples/ripgrep/mcpfier.yaml"])("%s passes its own tests, run as well", async (file) => {
  const { stdout, code } = await mcpfier(["test", "--run", file], { cwd: ROOT });
  expect(stdout).toMatch(/: \d+ passed, 0 failed; [1-9]\d* of them were run\n$/);
  expect(code).toBe(0);
});
