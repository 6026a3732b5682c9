import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import { describe, expect, test } from "vitest";
import type { Catalogue } from "../../src/catalogue/catalogue.ts";
import { createEngine } from "../../src/engine.ts";
import { createServer } from "../../src/mcp/server.ts";
import { jobRead } from "../../src/tools/job-read.ts";
import { BIN, atEnd, engineOf, folder, host, load, poll } from "../rig.ts";
import { clients } from "./clients.ts";
import { type Message, type Raw, raw } from "./raw.ts";

// Commands wait for files, so that the tests decide when something happens.
const CATALOGUE = `
commands:
  - name: build
    description: Prints, waits for the file \`go\`, and ends.
    isolation: group
    shell: sh
    run: |
      echo $$ > pid; echo started; echo careful >&2
      while ! [ -e "$arg_until" ]; do sleep 0.02; done
      echo done; exit "$arg_code"
    params:
      until: { type: string, default: go }
      code: { type: integer, default: 0 }
    ok_exit_codes: { 0: built, 3: nothing to do }
    handoff: 500ms
  - name: data
    description: Prints JSON.
    shell: sh
    run: while ! [ -e go ]; do sleep 0.02; done; echo '{"a":1}'
    output: { format: json, schema: { type: object, properties: { a: { type: integer } }, required: [a] } }
    handoff: 500ms
  - name: brief
    description: Has a timeout.
    shell: sh
    run: echo begun; exec sleep 100
    timeout: 1200ms
    handoff: 500ms
  - name: big
    description: Prints much.
    shell: sh
    run: |
      i=0; while [ $i -lt 3000 ]; do echo "zeile € $i"; i=$((i + 1)); done
      while ! [ -e go ]; do sleep 0.02; done
    output: { max: 1KiB }
    handoff: 500ms
  - name: quick
    description: Is done at once.
    run: [echo, quick]
    handoff: 500ms
  - name: lines
    description: Counts.
    shell: sh
    run: for i in 1 2 3 4 5 6 7 8 9 10; do echo "line $i"; sleep 0.3; done
  - name: silent
    description: Says nothing for a while.
    run: [sleep, "3"]
`;

type Result = NonNullable<Message["result"]>;

const facts = (result: Result | undefined): Readonly<Record<string, unknown>> => result?._meta?.["mcpfier/call"] ?? {};
const textOf = (result: Result | undefined): string => result?.content?.[0]?.text ?? "";

async function open(
  catalogue = CATALOGUE,
  env: Readonly<Record<string, string>> = {},
): Promise<{ session: Raw; path: string; ask(tool: string, args?: object): Promise<Result> }> {
  const session = await raw(catalogue, {}, { env });
  const path = dirname(/catalogue (\S+) /.exec(session.stderr())?.[1] ?? "");
  let next = 1000;
  return {
    session,
    path,
    ask: async (tool, args = {}) => {
      const id = next++;
      session.call(id, tool, args);
      const message = await session.answer(id);
      if (!message.result) throw new Error(JSON.stringify(message.error));
      return message.result;
    },
  };
}

function isAlive(path: string): boolean {
  return existsSync(`/proc/${readFileSync(join(path, "pid"), "utf8").trim()}`);
}

describe("a call that outlasts its caller", () => {
  test("is answered with a handle and the output so far, and its job gives what the call would have given", async () => {
    const { path, ask } = await open();
    const handed = await ask("build");
    const id = String(facts(handed)["id"]);
    expect(facts(handed)).toEqual({ id, outcome: "handed_off", durationMs: expect.any(Number) });
    expect(handed.isError).toBeUndefined();
    expect(textOf(handed)).toMatch(
      new RegExp(
        `^still running after \\d\\.\\d s: it goes on as job ${id}\\n\\n.*mcpfier_job_wait.*"${id}".*mcpfier_job_read.*mcpfier_job_cancel.*\\n\\nstderr so far:\\ncareful\\n\\nstdout so far:\\nstarted$`,
      ),
    );
    const still = await ask("mcpfier_job_wait", { job: id, seconds: 1 });
    expect(facts(still)).toMatchObject({ id, outcome: "handed_off" });
    expect(textOf(still)).toMatch(/^still running after 1\.\d s/);
    writeFileSync(join(path, "go"), "");
    const ended = await ask("mcpfier_job_wait", { job: id });
    expect(ended.content).toEqual([{ type: "text", text: "started\ndone\n" }]);
    expect(facts(ended)).toMatchObject({ id, outcome: "completed", exitCode: 0, stdoutBytes: 13 });
    expect(await ask("mcpfier_job_wait", { job: id })).toEqual(ended);
    expect(await ask("mcpfier_job_cancel", { job: id })).toEqual(ended);
  });

  test("fails as the call itself would have failed", async () => {
    const { path, ask } = await open();
    const id = facts(await ask("build", { code: 4 }))["id"];
    writeFileSync(join(path, "go"), "");
    const ended = await ask("mcpfier_job_wait", { job: id });
    expect(ended.isError).toBe(true);
    expect(textOf(ended)).toBe("failed: exit code 4\n\nstderr:\ncareful\n\nstdout:\nstarted\ndone");
    expect(facts(ended)).toMatchObject({ outcome: "failed", exitCode: 4 });
  });

  test("still has its timeout", async () => {
    const { ask } = await open();
    const id = facts(await ask("brief"))["id"];
    const ended = await ask("mcpfier_job_wait", { job: id });
    expect(ended.isError).toBe(true);
    expect(facts(ended)).toMatchObject({ id, outcome: "timed_out" });
  });

  test("gives its structure in the end, and promises none before", async () => {
    const { session, path, ask } = await open();
    session.send({ id: 1, method: "tools/list" });
    const tools = (await session.answer(1)).result?.["tools"] as readonly Record<string, unknown>[];
    expect(tools.find((tool) => tool["name"] === "data")?.["outputSchema"]).toBeUndefined();
    const id = facts(await ask("data"))["id"];
    writeFileSync(join(path, "go"), "");
    expect((await ask("mcpfier_job_wait", { job: id }))["structuredContent"]).toEqual({ a: 1 });
  });

  test("is none when it ends in time, or when its client cancels it before", async () => {
    const { session, path, ask } = await open();
    expect(facts(await ask("quick"))).toMatchObject({ outcome: "completed" });
    session.call(1, "build", {});
    await poll(
      () => existsSync(join(path, "pid")),
      () => session.stderr(),
    );
    session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    await poll(
      () => !isAlive(path),
      () => "the cancelled call went on",
    );
    expect(facts(await ask("quick"))).toMatchObject({ outcome: "completed" });
    expect(session.messages().some((message) => message.id === 1)).toBe(false);
  });

  test("does not end with a late cancel of the request that it began with", async () => {
    const { session, path, ask } = await open();
    session.call(1, "build", {});
    const id = facts((await session.answer(1)).result)["id"];
    session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    writeFileSync(join(path, "go"), "");
    expect(facts(await ask("mcpfier_job_wait", { job: id }))).toMatchObject({ outcome: "completed" });
  });
});

describe("several jobs", () => {
  test("run side by side, and each is told apart", async () => {
    const { path, ask } = await open();
    const [one, two] = await Promise.all([ask("build", { until: "one" }), ask("build", { until: "two", code: 3 })]);
    writeFileSync(join(path, "two"), "");
    const second = await ask("mcpfier_job_wait", { job: facts(two)["id"] });
    expect(textOf(second)).toBe("exit code 3: nothing to do\n\nstarted\ndone");
    const first = await ask("mcpfier_job_wait", { job: facts(one)["id"], seconds: 1 });
    expect(facts(first)).toMatchObject({ outcome: "handed_off", id: facts(one)["id"] });
    const stopped = await ask("mcpfier_job_cancel", { job: facts(one)["id"] });
    expect(stopped.isError).toBeUndefined();
    expect(textOf(stopped)).toMatch(/^cancelled: [^]*stdout:\nstarted\n/);
    expect(facts(stopped)).toMatchObject({ outcome: "cancelled", id: facts(one)["id"] });
  });
});

describe("mcpfier_job_wait", () => {
  test("that is cancelled ends the wait, not the job", async () => {
    const { session, path, ask } = await open();
    const id = facts(await ask("build"))["id"];
    session.call(1, "mcpfier_job_wait", { job: id }, { progressToken: 1 });
    session.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    expect(facts(await ask("mcpfier_job_wait", { job: id, seconds: 1 }))).toMatchObject({ outcome: "handed_off" });
    expect(isAlive(path)).toBe(true);
    writeFileSync(join(path, "go"), "");
    expect(facts(await ask("mcpfier_job_wait", { job: id }))).toMatchObject({ outcome: "completed" });
    expect(session.messages().some((message) => message.id === 1)).toBe(false);
  });

  test("tells the progress of the job to its own token only", async () => {
    const { session, path, ask } = await open();
    session.call(1, "build", {}, { progressToken: "first" });
    const id = facts((await session.answer(1)).result)["id"];
    session.call(2, "mcpfier_job_wait", { job: id }, { progressToken: "second" });
    await ask("quick");
    writeFileSync(join(path, "go"), "");
    await session.answer(2);
    const told = session.messages().filter((message) => message.method === "notifications/progress");
    expect(told.map(({ params }) => [params?.["progressToken"], params?.["message"]])).toEqual([
      ["first", expect.stringMatching(/^(?:started|careful)$/)],
      ...told.slice(1, -1).map(() => ["first", expect.stringMatching(/^(?:started|careful)$/)]),
      ["second", "done"],
    ]);
  });
});

describe("mcpfier_job_read", () => {
  test("gives every part of what is kept, whole characters only, and says what is missing", async () => {
    const { path, ask } = await open();
    const whole = Array.from({ length: 3000 }, (_, index) => `zeile € ${index}\n`).join("");
    const total = Buffer.byteLength(whole);
    const id = facts(await ask("big"))["id"];
    const read = async (args: object): Promise<string> => textOf(await ask("mcpfier_job_read", { job: id, ...args }));
    let text = "";
    let offset = 0;
    for (let at: string | undefined = "0"; at !== undefined && offset < 1000;) {
      const part: string = await read({ offset, length: 100 });
      at = /\[go on with offset (\d+)\]$/.exec(part)?.[1];
      text += part.replace(/^.*\n/, "").replace(/\[go on.*$/, "");
      offset = Number(at);
    }
    // Where a part ends is not told, so that the ends of lines are not compared.
    expect(text.replaceAll("\n", "")).toBe(Buffer.from(whole).subarray(0, offset).toString().replaceAll("\n", ""));
    const told = (bytes: number): string => bytes.toLocaleString("en-US");
    const rest = Buffer.from(whole).subarray(2000).toString().trimEnd();
    expect(await read({ offset: 2000, length: total })).toBe(
      `[stdout of job ${String(id)}, which still runs: bytes 2,000 to ${told(total)} of ${told(total)}]\n${rest}`,
    );
    expect(await read({ stream: "stderr" })).toMatch(/^\[stderr of job .* has 0 bytes: there is nothing to read/);
    writeFileSync(join(path, "go"), "");
    await ask("mcpfier_job_wait", { job: id });
    expect(await read({ offset: total - 10 })).toBe(
      `[stdout of job ${String(id)}, which has ended: bytes ${told(total - 10)} to ${told(total)} of ${told(total)}]\n € 2999`,
    );
  });
});

test("a job's output is read from memory where nothing was recorded, with what is missing", async () => {
  const { catalogue } = await load(CATALOGUE);
  const engine = createEngine(catalogue as Catalogue, host);
  atEnd(() => engine.close());
  const { callId } = await engine.call({ tool: "big", arguments: {}, takesHandoff: true });
  const read = async (offset: number): Promise<string> => {
    const values = { job: callId, stream: "stdout", offset, length: 100_000 };
    const reply = await jobRead.call(engine, values, {
      signal: new AbortController().signal,
      follow: () => {
        throw new Error("nothing is followed");
      },
    });
    return reply.kind === "reply" ? reply.text : reply.kind;
  };
  const printed = (): number => engine.jobs.find(callId)?.printed().stdout.bytes ?? 0;
  const bytes = Array.from({ length: 3000 }, (_, index) => Buffer.byteLength(`zeile € ${index}\n`)).reduce(
    (sum, each) => sum + each,
  );
  await poll(
    () => printed() === bytes,
    () => `${printed()} bytes came`,
  );
  const gap = `\\[bytes 1,024 to ${(bytes - 1024).toLocaleString("en-US")} were not kept\\]`;
  expect(await read(0)).toMatch(
    new RegExp(`bytes 0 to 1,02\\d of .*\\]\\nzeile € 0\\n[^]*\\n${gap}\\n\\[go on with offset ${bytes - 1024}\\]$`),
  );
  expect(await read(2000)).toMatch(new RegExp(`\\]\\n${gap}\\n[^]*zeile € 2999$`));
});

test("bytes of a picture are never shown as text while it is made", async () => {
  const { session } = await open(`
commands:
  - { name: paint, description: d, shell: sh, run: 'printf "\\211PNG\\r\\n\\032\\n"; echo slow >&2; sleep 100', output: { format: image }, handoff: 500ms }
`);
  session.call(1, "paint", {});
  const handed = (await session.answer(1)).result;
  expect(textOf(handed)).toMatch(/stderr so far:\nslow\n\nstdout so far:\n\(8 bytes, of the type image\/png\)$/);
  session.call(2, "mcpfier_job_read", { job: facts(handed)["id"] });
  expect(textOf((await session.answer(2)).result)).toMatch(
    /^\[stdout of job .*, is not shown as text: it has 8 bytes, of the type image\/png\]$/,
  );
});

test("a secret whose parts come together when control characters go is in nothing that is told of a job", async () => {
  const { session } = await open(
    `
commands:
  - { name: leak, description: d, shell: sh, run: 'printf "a %s\\033[0m%s\\n" "\${KEY%????}" "\${KEY#????}"; sleep 100', env: { KEY: "\${LEAK_KEY}" }, handoff: 1s }
`
      .replaceAll("${KEY%????}", "$${KEY%????}")
      .replaceAll("${KEY#????}", "$${KEY#????}"),
    { LEAK_KEY: "seCr3tQz" },
  );
  session.call(1, "leak", {}, { progressToken: "t" });
  const handed = (await session.answer(1)).result;
  session.call(2, "mcpfier_job_read", { job: facts(handed)["id"] });
  await session.answer(2);
  const told = JSON.stringify(session.messages());
  expect(told.match(/a \[redacted\]/g)).toHaveLength(3);
  expect(told).not.toContain("seCr3tQz");
});

test("the tools for jobs stay while one runs, though the catalogue that began it is gone", async () => {
  const { session, path, ask } = await open();
  const id = facts(await ask("build"))["id"];
  writeFileSync(join(path, "mcpfier.yaml"), "commands: [{name: a, description: d, run: [echo, a]}]");
  await poll(
    () => session.messages().some((message) => message.method === "notifications/tools/list_changed"),
    () => session.stderr(),
  );
  session.send({ id: 1, method: "tools/list" });
  expect((await session.answer(1)).result?.["tools"]).toMatchObject([
    { name: "a" },
    { name: "mcpfier_read_output" },
    { name: "mcpfier_job_wait" },
    { name: "mcpfier_job_read" },
    { name: "mcpfier_job_cancel" },
  ]);
  expect(facts(await ask("mcpfier_job_cancel", { job: id }))["outcome"]).toBe("cancelled");
});

describe("the tools for jobs", () => {
  test("are listed after the catalogue's, when a command can become a job", async () => {
    const { session } = await open();
    session.send({ id: 1, method: "tools/list" });
    const tools = (await session.answer(1)).result?.["tools"] as readonly Record<string, unknown>[];
    expect(tools.slice(-3).map((tool) => [tool["name"], tool["annotations"]])).toEqual([
      ["mcpfier_job_wait", expect.objectContaining({ readOnlyHint: true, openWorldHint: false })],
      ["mcpfier_job_read", expect.objectContaining({ readOnlyHint: true })],
      ["mcpfier_job_cancel", expect.objectContaining({ readOnlyHint: false, destructiveHint: true })],
    ]);
    const other = await raw("commands: [{name: a, description: d, run: [echo, a]}]");
    other.send({ id: 1, method: "tools/list" });
    expect((await other.answer(1)).result?.["tools"]).toMatchObject([{ name: "a" }, { name: "mcpfier_read_output" }]);
  });

  test("are on the last page, also when that is theirs alone", async () => {
    const commands = Array.from({ length: 999 }, (_, index) => `  - {name: c${index}, description: d, run: ["true"]}`);
    const session = await raw(
      `commands:\n${commands.join("\n")}\n  - {name: l, description: d, run: [ls], handoff: 1s}`,
    );
    session.send({ id: 1, method: "tools/list" });
    const first = (await session.answer(1)).result;
    expect(first?.["tools"]).toHaveLength(1000);
    session.send({ id: 2, method: "tools/list", params: { cursor: first?.["nextCursor"] } });
    const last = (await session.answer(2)).result;
    expect(last?.["tools"]).toMatchObject([{ name: "mcpfier_read_output" }, { name: "mcpfier_job_wait" }, {}, {}]);
    expect(last?.["nextCursor"]).toBeUndefined();
  });

  test("refuse what they cannot take, with a line for every problem", async () => {
    const { ask } = await open();
    const bad = await ask("mcpfier_job_wait", { seconds: 0, until: "x" });
    expect(bad.isError).toBe(true);
    expect(textOf(bad).split("\n")).toEqual([
      "refused (arguments.invalid):",
      expect.stringMatching(/^job: is required/),
      expect.stringMatching(/^until: is not an argument/),
      expect.stringMatching(/^seconds: must be >= 1, came 0/),
    ]);
    const unknown = await ask("mcpfier_job_read", { job: "nope", offset: null });
    expect(facts(unknown)).toMatchObject({ outcome: "refused", code: "job.unknown" });
    expect(textOf(unknown)).toMatch(/^refused \(job\.unknown\):\nexpected the id of a job.* came "nope"; .*an hour/);
  });

  test("do nothing in a dry run", async () => {
    const { session, path, ask } = await open();
    const id = facts(await ask("build"))["id"];
    session.call(1, "mcpfier_job_cancel", { job: id }, { "mcpfier/dryRun": true });
    expect(textOf((await session.answer(1)).result)).toMatch(/there is no plan/);
    expect(isAlive(path)).toBe(true);
  });
});

test.each(["SIGTERM", "stdin"])("a shutdown by %s ends the jobs that run, and the server", async (how) => {
  const { session, path, ask } = await open();
  await ask("build");
  session.call(1, "mcpfier_job_wait", { job: facts(await ask("build", { until: "never" }))["id"] });
  if (how === "stdin") void session.end();
  else session.child.kill("SIGTERM");
  expect(await session.exited()).toBe(0);
  expect(isAlive(path)).toBe(false);
});

test("the engine keeps the newest hundred of the jobs that ended, and a call without a taker makes none", async () => {
  const engine = await engineOf(`
commands:
  - { name: nap, description: d, run: [sleep, "0.2"], handoff: 1ms }
`);
  const call = (): ReturnType<typeof engine.call> => engine.call({ tool: "nap", arguments: {}, takesHandoff: true });
  expect(await engine.call({ tool: "nap", arguments: {} })).toMatchObject({ kind: "completed" });
  expect(engine.jobs.list()).toEqual([]);
  const ids: string[] = [];
  for (let round = 0; round < 7; round++) {
    const handed = await Promise.all(Array.from({ length: 15 }, call));
    ids.push(...handed.map((each) => each.callId));
    for (const { callId } of handed) await engine.jobs.find(callId)?.wait(10_000, new AbortController().signal);
  }
  expect(engine.jobs.list()).toHaveLength(100);
  expect(engine.jobs.list().every((job) => job.hasEnded())).toBe(true);
  expect(ids.filter((id) => engine.jobs.find(id))).toHaveLength(100);
  expect(ids.slice(15).every((id) => engine.jobs.find(id))).toBe(true);
});

test("an end, a cancel and the handoff in one instant give one answer, and nothing stays", async () => {
  const engine = await engineOf(`
commands:
  - { name: nap, description: d, run: [sleep, "0.06"], handoff: 60ms }
`);
  const kinds = new Set<string>();
  for (let round = 0; round < 40; round++) {
    const client = new AbortController();
    const timer = round % 2 === 0 ? setTimeout(() => client.abort(), 55 + (round % 10)) : undefined;
    const outcome = await engine.call({ tool: "nap", arguments: {}, takesHandoff: true, signal: client.signal });
    clearTimeout(timer);
    kinds.add(outcome.kind);
    const job = engine.jobs.find(outcome.callId);
    expect(job !== undefined).toBe(outcome.kind === "handed_off");
    const end = await job?.wait(10_000, new AbortController().signal);
    // The client's cancel came after the handoff, or not at all.
    if (end) expect(end).toMatchObject({ kind: "completed", callId: outcome.callId });
  }
  expect([...kinds].every((kind) => ["completed", "cancelled", "handed_off"].includes(kind))).toBe(true);
});

describe("an official client with a patience of 1 s", () => {
  async function connect(): Promise<{ client: Client; path: string }> {
    const path = folder({ "mcpfier.yaml": CATALOGUE });
    const client = new Client({ name: "mcpfier-tests", version: "1" });
    atEnd(() => client.close());
    const args = [BIN, "serve", "-c", join(path, "mcpfier.yaml")];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: "ignore" }));
    return { client, path };
  }
  function factsOf({
    _meta,
  }: {
    readonly _meta?: Readonly<Record<string, unknown>> | undefined;
  }): Record<string, unknown> {
    return (_meta?.["mcpfier/call"] ?? {}) as Record<string, unknown>;
  }
  const patience = { timeout: 1000, resetTimeoutOnProgress: true, onprogress: () => undefined };

  test("gets through a longer command by its lines", async () => {
    const { client } = await connect();
    const result = await client.callTool({ name: "lines", arguments: {} }, patience);
    expect(result.content).toMatchObject([{ text: expect.stringMatching(/line 10\n$/) }]);
  });

  test("gets through a longer, silent command by heartbeats", async () => {
    const engine = await engineOf(CATALOGUE);
    const server = createServer(engine, "1", { heartbeatMs: 200 });
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    await server.connect(ours);
    const client = new Client({ name: "mcpfier-tests", version: "1" });
    atEnd(() => client.close());
    await client.connect(theirs);
    const result = await client.callTool({ name: "silent", arguments: {} }, patience);
    expect(result.content).toEqual([{ type: "text", text: "(no output)" }]);
  });

  test("gets through a longer, silent command by handoff", async () => {
    const { client, path } = await connect();
    const handed = await client.callTool({ name: "build", arguments: {} }, { timeout: 1000 });
    const job = factsOf(handed)["id"];
    setTimeout(() => writeFileSync(join(path, "go"), ""), 1500);
    for (;;) {
      const waited = await client.callTool(
        { name: "mcpfier_job_wait", arguments: { job, seconds: 1 } },
        { timeout: 1900 },
      );
      if (factsOf(waited)["outcome"] === "handed_off") continue;
      expect(waited.content).toEqual([{ type: "text", text: "started\ndone\n" }]);
      return;
    }
  });
});

test.each(clients.filter(({ name }) => name !== "inspector"))(
  "$name calls a command that is handed off, waits for it and reads it",
  async ({ open: connect }) => {
    const path = folder({ "mcpfier.yaml": CATALOGUE });
    const session = await connect(join(path, "mcpfier.yaml"));
    const handed = await session.call("build", {});
    const job = String(handed._meta?.["mcpfier/call"]?.["id"]);
    writeFileSync(join(path, "go"), "");
    expect((await session.call("mcpfier_job_wait", { job })).content).toEqual([
      { type: "text", text: "started\ndone\n" },
    ]);
    expect((await session.call("mcpfier_job_read", { job })).content[0]?.text).toMatch(/started\ndone$/);
  },
);
