import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { poll } from "../rig.ts";
import { type Message, raw } from "./raw.ts";

const CATALOGUE = `
name: fixture
title: A fixture
instructions: Only for tests.
commands:
  - name: greet
    title: Greet
    description: Says hello.
    effect: read
    open_world: false
    run: [echo, hello, --, "\${{ name }}"]
    params: { name: { type: string, required: true, maxLength: 10 }, times: { type: integer, minimum: 1, flag: --times= } }
    timeout: 5s
  - name: remove
    description: Deletes.
    effect: destructive
    idempotent: true
    run: [echo, gone]
  - name: lines
    description: Prints lines.
    shell: sh
    run: |
      for i in 1 2 3; do echo "line $i"; sleep 0.15; done; echo last
  - name: wait
    description: Waits until it is stopped.
    isolation: group
    shell: sh
    run: |
      trap 'echo asked > stopped; exit 0' TERM
      echo $$ > pid; echo ready; while :; do sleep 0.05; done
  - name: facts
    description: Prints JSON.
    run: [echo, '{"a": [1, 2]}']
    output: { format: json, schema: { type: object, properties: { a: { type: array } }, required: [a] } }
  - name: list
    description: Prints a JSON list.
    run: [echo, '[1, 2]']
    output: { format: json }
  - name: broken
    description: Promises JSON.
    run: [echo, 'no json']
    output: { format: json, schema: { type: object } }
  - name: fail
    description: Fails.
    shell: sh
    run: echo out; echo err >&2; exit 4
`.replace("[echo, hello, --, ", '[echo, hello, "${{ flags }}", --, ');

describe("tools/list", () => {
  test("shows schemas of 2020-12, titles, and annotations from the effect", async () => {
    const session = await raw(CATALOGUE);
    session.send({ id: 1, method: "tools/list" });
    const tools = (await session.answer(1)).result?.["tools"] as readonly Record<string, unknown>[];
    expect(tools.map((tool) => tool["name"])).toEqual([
      "greet",
      "remove",
      "lines",
      "wait",
      "facts",
      "list",
      "broken",
      "fail",
      "mcpfier_read_output",
    ]);
    expect(tools[0]).toEqual({
      execution: { taskSupport: "optional" },
      name: "greet",
      title: "Greet",
      description: "Says hello.",
      inputSchema: {
        type: "object",
        properties: { name: { type: "string", maxLength: 10 }, times: { type: "integer", minimum: 1 } },
        required: ["name"],
        additionalProperties: false,
      },
      annotations: {
        title: "Greet",
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    });
    expect(tools[1]?.["annotations"]).toEqual({
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: true,
    });
    expect(tools[4]?.["outputSchema"]).toEqual({
      type: "object",
      properties: { a: { type: "array" } },
      required: ["a"],
    });
    expect(session.messages()[0]?.result).toMatchObject({
      instructions: "Only for tests.",
      serverInfo: { name: "fixture", title: "A fixture", version: "0.1.0" },
    });
    expect(await session.end()).toBe(0);
  });

  test("is paged, and refuses a cursor that it did not give", async () => {
    const session = await raw(
      `commands:\n${Array.from({ length: 2500 }, (_, i) => `  - {name: c${i}, description: d, run: ["true"]}`).join("\n")}`,
    );
    session.send({ id: 1, method: "tools/list" });
    const first = (await session.answer(1)).result;
    expect(first?.["tools"]).toHaveLength(1000);
    session.send({ id: 2, method: "tools/list", params: { cursor: first?.["nextCursor"] } });
    session.send({ id: 3, method: "tools/list", params: { cursor: "2000" } });
    expect((await session.answer(2)).result?.["tools"]).toHaveLength(1000);
    const last = (await session.answer(3)).result;
    expect(last?.["tools"]).toMatchObject([
      ...Array.from({ length: 500 }, (_, index) => ({ name: `c${index + 2000}` })),
      { name: "mcpfier_read_output" },
    ]);
    expect(last?.["nextCursor"]).toBeUndefined();
    for (const [index, cursor] of ["x", "", " ", "-1", "0", "+1", "1.0", "0x1", "1e2", "9999"].entries()) {
      session.send({ id: 10 + index, method: "tools/list", params: { cursor } });
      expect((await session.answer(10 + index)).error?.code, cursor).toBe(-32602);
    }
  });
});

describe("tools/call", () => {
  test("tells what happened in _meta", async () => {
    const session = await raw(CATALOGUE);
    session.call(1, "greet", { name: "you" });
    const { result } = await session.answer(1);
    expect(result?.content).toEqual([{ type: "text", text: "hello -- you\n" }]);
    expect(result?.isError).toBeUndefined();
    expect(result?._meta?.["mcpfier/call"]).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      outcome: "completed",
      durationMs: expect.any(Number),
      exitCode: 0,
      stdoutBytes: 13,
      stderrBytes: 0,
      shownBytes: 13,
      executor: "local",
      attempt: 1,
      cached: false,
    });
  });

  test("answers bad arguments with a tool error that names every problem", async () => {
    const session = await raw(CATALOGUE);
    session.call(1, "greet", { nam: "x", times: 0 });
    const { result } = await session.answer(1);
    expect(result?.isError).toBe(true);
    const lines = result?.content?.[0]?.text.split("\n") ?? [];
    expect(lines).toEqual([
      "refused (arguments.invalid):",
      expect.stringMatching(/^name: is required/),
      expect.stringMatching(/^nam: is not an argument; did you mean "name"\?$/),
      expect.stringMatching(/^times: must be >= 1, came 0$/),
    ]);
    expect(result?._meta?.["mcpfier/call"]).toMatchObject({ outcome: "refused", code: "arguments.invalid" });
  });

  test("answers an unknown tool with an error of the protocol and a suggestion", async () => {
    const session = await raw(CATALOGUE);
    session.call(1, "gret", {});
    expect((await session.answer(1)).error).toEqual({
      code: -32602,
      message: 'there is no tool "gret"; did you mean "greet"?',
    });
  });

  test("keeps stdout and stderr apart when a command fails", async () => {
    const session = await raw(CATALOGUE);
    session.call(1, "fail", {});
    const { result } = await session.answer(1);
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: "failed: exit code 4\n\nstderr:\nerr\n\nstdout:\nout" }],
    });
    expect(result?._meta?.["mcpfier/call"]).toMatchObject({ outcome: "failed", exitCode: 4 });
  });

  test("gives parsed JSON, wraps what is no object, and says what does not fit", async () => {
    const session = await raw(CATALOGUE);
    session.call(1, "facts", {});
    session.call(2, "list", {});
    session.call(3, "broken", {});
    expect((await session.answer(1)).result?.["structuredContent"]).toEqual({ a: [1, 2] });
    expect((await session.answer(2)).result?.["structuredContent"]).toEqual({ result: [1, 2] });
    const broken = (await session.answer(3)).result;
    expect(broken?.isError).toBe(true);
    expect(broken?.content?.[0]?.text).toMatch(/^the output is not JSON .*\n\nno json/);
  });

  test("returns the plan and starts nothing when a dry run is asked for", async () => {
    const session = await raw(CATALOGUE);
    session.call(1, "wait", {}, { "mcpfier/dryRun": true });
    const { result } = await session.answer(1);
    const plan = JSON.parse(result?.content?.[0]?.text ?? "") as { argv: string[]; cwd: string };
    expect(plan.argv.slice(0, 2)).toEqual(["sh", "-c"]);
    expect(existsSync(join(plan.cwd, "pid"))).toBe(false);
    expect(result?._meta?.["mcpfier/call"]).toMatchObject({ outcome: "planned" });
  });
});

describe("progress", () => {
  test("tells each line while the command runs, growing, and never together with the result", async () => {
    const session = await raw(CATALOGUE);
    session.call(1, "lines", {}, { progressToken: "token" });
    await session.answer(1);
    const progress = session.messages().filter((message) => message.method === "notifications/progress");
    expect(progress.map((message) => message.params?.["progressToken"])).toEqual(progress.map(() => "token"));
    const values = progress.map((message) => Number(message.params?.["progress"]));
    expect(values).toEqual([...new Set(values)].toSorted((a, b) => a - b));
    expect(progress.map((message) => message.params?.["message"])).toEqual(
      expect.arrayContaining(["line 1", "line 2", "line 3", "last"]),
    );
    expect(session.messages().at(-1)?.id).toBe(1);
  });

  test("is not sent without a token", async () => {
    const session = await raw(CATALOGUE);
    session.call(1, "lines", {});
    await session.answer(1);
    expect(session.messages().filter((message) => message.method === "notifications/progress")).toEqual([]);
  });
});

describe("endings", () => {
  /** Starts `wait` and gives its folder and process id once it runs. */
  async function waiting(): Promise<{ session: Awaited<ReturnType<typeof raw>>; path: string; pid: number }> {
    const session = await raw(CATALOGUE);
    session.call(1, "wait", {}, { progressToken: 1 });
    await poll(
      () => session.messages().some((message) => message.params?.["message"] === "ready"),
      () => `not ready: ${session.stderr()}`,
    );
    const path = dirname(/catalogue (\S+) /.exec(session.stderr())?.[1] ?? "");
    return { session, path, pid: Number(readFileSync(join(path, "pid"), "utf8")) };
  }

  function isAlive(pid: number): boolean {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  test("a cancel asks the program to stop and is not answered, and the session goes on", async () => {
    const { session, path, pid } = await waiting();
    session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    await poll(
      () => existsSync(join(path, "stopped")) && !isAlive(pid),
      () => "the program was not asked to stop",
    );
    session.call(2, "greet", { name: "x" });
    expect((await session.answer(2)).result?.isError).toBeUndefined();
    expect(session.messages().some((message: Message) => message.id === 1)).toBe(false);
  });

  test("the end of stdin stops what runs, and the server exits with 0", async () => {
    const { session, path, pid } = await waiting();
    expect(await session.end()).toBe(0);
    expect(existsSync(join(path, "stopped"))).toBe(true);
    expect(isAlive(pid)).toBe(false);
  });

  test.each(["SIGTERM", "SIGINT", "SIGQUIT"] as const)(
    "%s stops what runs, and the server exits with 0",
    async (name) => {
      const { session, path, pid } = await waiting();
      session.child.kill(name);
      expect(await session.exited()).toBe(0);
      expect(existsSync(join(path, "stopped"))).toBe(true);
      expect(isAlive(pid)).toBe(false);
    },
  );

  test.each(["a signal", "the end of stdin"])("a client that lets an answer lie does not hold it: %s", async (how) => {
    const session = await raw(
      "commands: [{ name: much, description: d, shell: sh, run: 'yes | head -c 1000000', output: { max: 8MiB } }]",
    );
    const { stdout } = session.child;
    stdout?.pause();
    session.call(1, "much", {});
    await poll(
      () => (stdout?.readableLength ?? 0) > 50_000,
      () => "no answer is on its way",
    );
    if (how === "a signal") session.child.kill();
    expect(await (how === "a signal" ? session.exited() : session.end())).toBe(0);
    stdout?.destroy();
  });

  test("after the end of stdin a signal does not wait for what runs", async () => {
    const session = await raw(
      `commands: [{ name: stay, description: d, shell: sh, run: 'trap "echo asked > asked" TERM; echo > began; while :; do sleep 0.05; done' }]`,
    );
    session.call(1, "stay", {});
    await poll(
      () => existsSync(join(session.folder, "began")),
      () => "it did not begin",
    );
    session.child.stdin?.end();
    await poll(
      () => existsSync(join(session.folder, "asked")),
      () => "it was not asked to stop",
    );
    session.child.kill();
    expect(await session.exited()).toBe(1);
  });

  test("a client that no longer reads ends the server and what runs", async () => {
    const { session, pid } = await waiting();
    session.child.stdout?.destroy();
    session.send({ id: 9, method: "tools/list" });
    await session.exited();
    await poll(
      () => !isAlive(pid),
      () => "the program outlived the client",
    );
  });
});

test("a changed catalogue is announced, and a removed tool says that it was removed", async () => {
  const session = await raw("commands: [{name: old, description: d, run: [echo, old]}]");
  const file = /catalogue (\S+) /.exec(session.stderr())?.[1] ?? "";
  writeFileSync(file, "commands: [{name: new, description: d, run: [echo, new]}]");
  await poll(
    () => session.messages().some((message) => message.method === "notifications/tools/list_changed"),
    () => session.stderr(),
  );
  session.call(1, "new", {});
  session.call(2, "old", {});
  expect((await session.answer(1)).result?.content?.[0]?.text).toBe("new\n");
  expect((await session.answer(2)).error?.message).toMatch(
    /removed from the catalogue; list the tools again, or reconnect/,
  );
});

test("a container that may have the host is warned of at every start", async () => {
  const container = "{ image: x, privileged: true, allow_unsafe: true }";
  const session = await raw(`commands: [{name: t, description: d, run: [echo], container: ${container}}]`);
  await poll(
    () => session.stderr().includes("warning: t has `allow_unsafe: true` and privileged mode"),
    () => session.stderr(),
  );
});
