import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hideInLog, log, setLogFile } from "../../src/base/log.ts";
import type { Call } from "../../src/pipeline/call.ts";
import { settle } from "../../src/pipeline/settle.ts";
import { collect, folder, mcpfier, poll, start } from "../rig.ts";

const FILES = { "mcpfier.yaml": "commands:\n  - { name: hello, description: Says hello., run: [echo, hello] }\n" };

describe("the log", () => {
  it("is JSON lines on stderr, and the server that writes them lives", async () => {
    const server = start(["--log-level", "info", "serve"], { cwd: folder(FILES) });
    const [stdout, stderr] = [collect(server, "stdout"), collect(server, "stderr")];
    await poll(
      () => stderr().includes('"serving"') || server.exitCode !== null,
      () => `no line was logged: ${stderr()}`,
    );
    const line = stderr()
      .split("\n")
      .find((each) => each.includes('"serving"'));
    expect(JSON.parse(line ?? "null"), stderr()).toMatchObject({ commands: 1, msg: "serving" });
    expect(server.exitCode).toBeNull();
    expect(stdout()).toBe("");
  });

  it("is silent when nothing is to be told", async () => {
    const { code, stdout, stderr } = await mcpfier(["run", "hello"], { cwd: folder(FILES) });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "hello\n" });
    expect(stderr).toMatch(/^mcpfier: catalogue \S+ \(found\)\n$/);
  });
});

describe("the log file", () => {
  const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

  it("takes the lines instead of stderr, is for its owner alone, and is another one after SIGHUP", async () => {
    const cwd = folder(FILES);
    const server = start(["serve", "--log-file", "own.log", "--log-level", "info"], { cwd });
    const stderr = collect(server, "stderr");
    const path = join(cwd, "own.log");
    const logged = (text: string): Promise<void> =>
      poll(
        () => textOf(path).includes(text),
        () => `the file lacks ${text}; stderr: ${stderr()}`,
      );
    await logged('"serving"');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    renameSync(path, `${path}.1`);
    writeFileSync(join(cwd, "mcpfier.yaml"), "commands: 1\n");
    server.kill("SIGHUP");
    await logged('"the catalogue cannot be used');
    for (const line of textOf(path).trimEnd().split("\n")) expect(JSON.parse(line)).toMatchObject({ level: 50 });
    expect(stderr()).not.toContain('"level"');
  });

  it("goes on where it was when SIGHUP finds nothing that can be opened", async () => {
    const cwd = folder(FILES);
    const env = { MCPFIER_LOG_FILE: join(cwd, "own.log"), MCPFIER_LOG_LEVEL: "info" };
    const server = start(["serve"], { cwd, env });
    await poll(
      () => textOf(join(cwd, "own.log")).includes('"serving"'),
      () => "nothing is logged",
    );
    renameSync(join(cwd, "own.log"), join(cwd, "moved"));
    mkdirSync(join(cwd, "own.log"));
    server.kill("SIGHUP");
    await poll(
      () => textOf(join(cwd, "moved")).includes("cannot be opened again"),
      () => `the old file says ${textOf(join(cwd, "moved"))}`,
    );
  });

  it.each([
    ["nowhere/own.log", "there is no folder /"],
    [".", "a folder stands in its place"],
  ])("that cannot be opened is said at the start (%s)", async (name, why) => {
    const cwd = folder(FILES);
    const { code, stderr } = await mcpfier(["serve", "--log-file", name], { cwd });
    expect(code).toBe(78);
    expect(stderr).toContain(`mcpfier: the log file ${join(cwd, name)} cannot be opened: ${why}`);
  });
});

describe("a line", () => {
  const lines: string[] = [];
  setLogFile({ write: (line) => void lines.push(line) });
  const next = async (): Promise<Readonly<Record<string, unknown>>> => {
    await poll(
      () => lines.length > 0,
      () => "no line",
    );
    return JSON.parse(lines.shift() ?? "") as Readonly<Record<string, unknown>>;
  };

  it("shows no secret of the catalogue, and stays JSON", async () => {
    hideInLog(() => ["hush-1234", '1 "2"', String(Date.now()).slice(0, 5)]);
    log.error({ error: new Error("with hush-1234"), path: '/1 "2"/x' }, "said hush-1234");
    const line = await next();
    hideInLog(() => []);
    expect(JSON.stringify(line)).not.toContain("hush");
    expect(line).toMatchObject({
      path: "/[redacted]/x",
      msg: "said [redacted]",
      error: { message: "with [redacted]" },
    });
    expect(typeof line["time"]).toBe("number");
  });

  it("of a call that failed inside mcpfier has its id, and no argument that is secret", async () => {
    const call = {
      command: { name: "any", params: [{ name: "token", secret: true }] },
      context: { callId: "id-1", secrets: ["hush-1234"] },
      given: { token: "hush-5678" },
    } as unknown as Call;
    const outcome = await settle(call, () => Promise.reject(new Error("at hush-1234 and hush-5678")));
    expect(outcome).toMatchObject({ kind: "refused", code: "internal.error" });
    const line = await next();
    expect(line).toMatchObject({ callId: "id-1", tool: "any" });
    expect(line["error"]).toMatch(/^Error: at \[redacted\] and \[redacted\]\n {4}at /);
  });
});
