import { describe, expect, it } from "vitest";
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
