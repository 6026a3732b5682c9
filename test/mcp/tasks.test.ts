import { Client as ClientTwo } from "@modelcontextprotocol/client";
import { StdioClientTransport as TransportTwo } from "@modelcontextprotocol/client/stdio";
import { Client as ClientOne } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as TransportOne } from "@modelcontextprotocol/sdk/client/stdio.js";
import { CallToolResultSchema, ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BIN, atEnd, engineOf, folder, poll } from "../rig.ts";
import {
  type Answer,
  type Asker,
  RELATED,
  TASKS,
  YAML,
  begun,
  errorOf,
  go,
  isAlive,
  newer,
  older,
  resultOf,
  until,
} from "./tasks.ts";
import { envelope } from "./wire.ts";

const INFO = { name: "mcpfier-tests", version: "1" };
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DAY_MS = 86_400_000;

interface Seen {
  readonly taskId: string;
  readonly status: string;
  readonly statusMessage?: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  readonly ttl: number;
}

const INVALID = -32602;
const NOT_FOUND = -32601;

async function make({ ask }: Asker, name: string, args: object = {}, task: object = {}): Promise<Seen> {
  const { task: made, ...rest } = await ask("tools/call", { name, arguments: args, task });
  expect(rest).toEqual({});
  return made as Seen;
}

const isOver = ({ status }: Answer): boolean => status !== "working" && status !== "input_required";

const withoutTimes = (result: Answer): Answer => {
  const { [RELATED]: _, "mcpfier/call": facts, ...meta } = result["_meta"] as Record<string, object>;
  return { ...result, _meta: { ...meta, facts: { ...facts, id: "", durationMs: 0 } } };
};

describe("a call that its client of 2025-11-25 makes a task", () => {
  test("is answered at once, goes on, and ends as the call would have ended", async () => {
    const client = await older();
    const path = folder();
    const made = await make(client, "build", { in: path });
    expect(made).toEqual({
      taskId: expect.stringMatching(UUID),
      status: "working",
      statusMessage: expect.any(String),
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      lastUpdatedAt: made.createdAt,
      ttl: DAY_MS,
      pollInterval: 250,
    });
    await begun(path);
    const { taskId } = made;
    expect(await client.ask("tasks/get", { taskId })).toMatchObject({ taskId, status: "working", ttl: DAY_MS });
    const waited = client.ask("tasks/result", { taskId });
    await client.session.settled();
    go(path);
    const result = await waited;
    expect(result["_meta"]).toMatchObject({ [RELATED]: { taskId }, "mcpfier/call": { id: taskId } });
    const plain = await client.ask("tools/call", { name: "build", arguments: { in: path } });
    expect(withoutTimes(result)).toEqual(withoutTimes(plain));
    const ended = await client.ask("tasks/get", { taskId });
    const { pollInterval: _, statusMessage: __, ...lasting } = made as Seen & Answer;
    expect(ended).toEqual({ ...lasting, status: "completed", lastUpdatedAt: expect.any(String) });
    expect(await client.ask("tasks/result", { taskId })).toEqual(result);
    const told = client.session.lines().filter(({ method }) => method === "notifications/tasks/status");
    expect(told.map(({ params }) => params)).toEqual([ended]);
  });

  test("fails where the result is an error, which says why", async () => {
    const client = await older();
    const path = folder();
    go(path);
    const { taskId } = await make(client, "build", { in: path, code: 3 });
    const failed = await until(() => client.ask("tasks/get", { taskId }), isOver);
    expect(failed).toMatchObject({ status: "failed", statusMessage: expect.stringContaining("exit code 3") });
    const plain = await client.ask("tools/call", { name: "build", arguments: { in: path, code: 3 } });
    expect(withoutTimes(await client.ask("tasks/result", { taskId }))).toEqual(withoutTimes(plain));
    const bad = await make(client, "build", { in: 1 });
    expect(await client.ask("tasks/result", { taskId: bad.taskId })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("arguments.invalid") }],
    });
  });

  test("is cancelled with all its processes, once", async () => {
    const client = await older();
    const path = folder();
    const { taskId } = await make(client, "build", { in: path });
    const pid = await begun(path);
    const waited = client.ask("tasks/result", { taskId });
    expect(await client.ask("tasks/cancel", { taskId })).toMatchObject({ taskId, status: "cancelled" });
    expect(isAlive(pid)).toBe(false);
    expect(await waited).toMatchObject({ isError: true, _meta: { "mcpfier/call": { outcome: "cancelled" } } });
    expect(await client.ask("tasks/get", { taskId })).toMatchObject({ status: "cancelled" });
    expect(await errorOf(client.ask("tasks/cancel", { taskId }))).toMatchObject({
      code: INVALID,
      message: expect.stringMatching(/ended already \(cancelled\)/),
    });
  });

  test("lives as long as was asked for within bounds, and is gone with all its processes afterwards", async () => {
    const client = await older();
    const path = folder();
    const { taskId, ttl } = await make(client, "build", { in: path }, { ttl: 50 });
    expect(ttl).toBe(1000);
    const pid = await begun(path);
    const other = await make(client, "quick", {}, { ttl: 1e12 });
    expect(other.ttl).toBe(DAY_MS);
    const isGone = async (): Promise<Answer> =>
      client.ask("tasks/get", { taskId }).catch((error: unknown) => error as Answer);
    const gone = await until(isGone, ({ code }) => code !== undefined);
    expect(gone).toMatchObject({ code: INVALID, message: expect.stringContaining("time to live") });
    await poll(
      () => !isAlive(pid),
      () => "its process goes on",
    );
    const { tasks } = await client.ask("tasks/list");
    expect((tasks as Seen[]).map((each) => each.taskId)).toEqual([other.taskId]);
  });

  test("tells of its progress by the token of the call until it ends", async () => {
    const client = await older();
    const path = folder();
    client.session.send({
      id: 1,
      method: "tools/call",
      params: { name: "build", arguments: { in: path }, task: {}, _meta: { progressToken: "mine" } },
    });
    const { taskId } = resultOf(await client.session.answer(1))["task"] as Seen;
    await begun(path);
    go(path);
    await client.ask("tasks/result", { taskId });
    const told = (): readonly unknown[] =>
      client.session.lines().flatMap(({ method, params }) => (method === "notifications/progress" ? [params] : []));
    await poll(
      () => told().some((params) => (params as { message: string }).message === "done"),
      () => JSON.stringify(told()),
    );
    for (const params of told())
      expect(params).toMatchObject({ progressToken: "mine", _meta: { [RELATED]: { taskId } } });
  });

  test("waits for its user to confirm it, who is asked by whoever waits for the result", async () => {
    const client = await older("2025-11-25", { elicitation: {} });
    for (const [action, end] of [
      ["accept", "completed"],
      ["decline", "failed"],
    ] as const) {
      const { taskId } = await make(client, "note");
      await until(
        () => client.ask("tasks/get", { taskId }),
        ({ status }) => status === "input_required",
      );
      const waited = client.ask("tasks/result", { taskId });
      const asked = (): Answer | undefined =>
        client.session.lines().findLast(({ method }) => method === "elicitation/create") as Answer | undefined;
      await poll(
        () => asked() !== undefined && JSON.stringify(asked()).includes(taskId),
        () => "nobody is asked",
      );
      expect(asked()?.["params"]).toMatchObject({
        message: expect.stringContaining("Note it?"),
        _meta: { [RELATED]: { taskId } },
      });
      client.session.send({ id: asked()?.["id"], result: { action } });
      await waited;
      expect(await client.ask("tasks/get", { taskId })).toMatchObject({ status: end });
    }
    const unable = await older();
    const { taskId } = await make(unable, "note");
    expect(await unable.ask("tasks/result", { taskId })).toMatchObject({
      _meta: { "mcpfier/call": { code: "confirm.unavailable" } },
    });
  });

  test("is offered to those who know of it, and by commands only", async () => {
    const client = await older();
    expect(client.hello["capabilities"]).toMatchObject({
      tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
    });
    expect(client.hello["capabilities"]).not.toHaveProperty("extensions");
    const { tools } = (await client.ask("tools/list")) as unknown as { tools: Answer[] };
    for (const { name, execution } of tools)
      expect(execution).toEqual(String(name).startsWith("mcpfier_") ? undefined : { taskSupport: "optional" });
    const read = { name: "mcpfier_read_output", arguments: { call: "x" }, task: {} };
    expect(await errorOf(client.ask("tools/call", read))).toMatchObject({ code: NOT_FOUND });
    const wrong = { name: "nothing", task: {} };
    expect(await errorOf(client.ask("tools/call", wrong))).toMatchObject({ code: INVALID });
    for (const method of ["get", "result", "cancel"]) {
      expect(await errorOf(client.ask(`tasks/${method}`, { taskId: "none" }))).toMatchObject({
        code: INVALID,
        message: expect.stringContaining('there is no task "none"'),
      });
      expect(await errorOf(client.ask(`tasks/${method}`))).toMatchObject({ code: INVALID });
    }
    expect(await errorOf(client.ask("tasks/list", { cursor: "x" }))).toMatchObject({ code: INVALID });
    expect(await errorOf(client.ask("tasks/update", { taskId: "none" }))).toMatchObject({ code: NOT_FOUND });
    const before = await older("2025-06-18");
    expect(before.hello["capabilities"]).not.toHaveProperty("tasks");
    expect(JSON.stringify(await before.ask("tools/list"))).not.toContain("taskSupport");
    expect(await before.ask("tools/call", { name: "quick", task: {} })).toHaveProperty("content");
    expect(await errorOf(before.ask("tasks/list"))).toMatchObject({ code: NOT_FOUND });
  });
});

test("results that nobody has fetched so far stay when many calls end at once, and not for ever", async () => {
  const engine = await engineOf(YAML);
  // What is only planned ends at once.
  const request = { tool: "quick", arguments: {}, dryRun: true, task: { afterMs: 0 } };
  const first = await engine.call(request);
  const end = async (count: number): Promise<void> => {
    const made = await Promise.all(Array.from({ length: count }, () => engine.call(request)));
    for (const { callId } of made) await engine.jobs.find(callId)?.end;
  };
  await end(500);
  expect(engine.jobs.find(first.callId)?.hasEnded()).toBe(true);
  await end(500);
  expect(engine.jobs.find(first.callId)).toBeUndefined();
  expect(engine.jobs.list()).toHaveLength(1000);
});

/** What the extension shows of a task that ends, however it ended. */
const ending = ({ ask }: Asker, taskId: string): Promise<Answer> => until(() => ask("tasks/get", { taskId }), isOver);

describe("a call of a client that declares the extension", () => {
  test("is a task when it lasts, whose state holds the result", async () => {
    const client = await newer();
    expect(await client.ask("server/discover")).toMatchObject({ capabilities: { extensions: { [TASKS]: {} } } });
    expect((await client.ask("server/discover"))["capabilities"]).not.toHaveProperty("tasks");
    // A busy machine may make one of it.
    const quick = await until(
      () => client.ask("tools/call", { name: "quick", task: { ttl: 5 } }),
      ({ resultType }) => resultType === "complete",
    );
    expect(quick).toMatchObject({ content: [{ text: "quick\n" }] });
    const path = folder();
    const made = await client.ask("tools/call", { name: "build", arguments: { in: path } });
    const taskId = String(made["taskId"]);
    const { _meta: meta, ...flat } = made;
    expect(meta).not.toHaveProperty(RELATED);
    expect(flat).toEqual({
      resultType: "task",
      taskId: expect.stringMatching(UUID),
      status: "working",
      statusMessage: expect.any(String),
      createdAt: expect.any(String),
      lastUpdatedAt: flat["createdAt"],
      ttlMs: DAY_MS,
      pollIntervalMs: expect.any(Number),
    });
    const working = await client.ask("tasks/get", { taskId });
    expect(working).toMatchObject({ resultType: "complete", taskId, status: "working" });
    expect(await client.ask("tasks/update", { taskId, inputResponses: { x: {} } })).toMatchObject({
      resultType: "complete",
    });
    go(path);
    const ended = await ending(client, taskId);
    expect(ended).toMatchObject({
      resultType: "complete",
      status: "completed",
      result: { content: [{ type: "text", text: "started\ndone\n" }], _meta: { "mcpfier/call": { id: taskId } } },
    });
    expect(JSON.stringify(ended)).not.toContain(RELATED);
    expect(await client.ask("tasks/cancel", { taskId })).toMatchObject({ resultType: "complete" });
  });

  test("is completed also by a tool's error, and cancelled with all its processes", async () => {
    const client = await newer();
    const [path, other] = [folder(), folder()];
    const failing = await client.ask("tools/call", { name: "build", arguments: { in: path, code: 3 } });
    go(path);
    expect(await ending(client, String(failing["taskId"]))).toMatchObject({
      status: "completed",
      result: { isError: true },
    });
    const { taskId } = await client.ask("tools/call", { name: "build", arguments: { in: other } });
    const pid = await begun(other);
    const acknowledged = await client.ask("tasks/cancel", { taskId });
    expect(Object.keys(acknowledged).toSorted()).toEqual(["_meta", "resultType"]);
    expect(isAlive(pid)).toBe(false);
    const cancelled = await client.ask("tasks/get", { taskId });
    expect(cancelled).toMatchObject({ status: "cancelled" });
    expect(cancelled).not.toHaveProperty("result");
    for (const method of ["get", "update", "cancel"])
      expect(await errorOf(client.ask(`tasks/${method}`, { taskId: "none" }))).toMatchObject({ code: INVALID });
    for (const method of ["result", "list"])
      expect(await errorOf(client.ask(`tasks/${method}`, { taskId }))).toMatchObject({ code: NOT_FOUND });
  });

  test("is asked about before it is a task", async () => {
    const client = await newer();
    const path = folder();
    const call = { name: "sure", arguments: { in: path } };
    const asked = await client.ask("tools/call", call);
    expect(asked).toMatchObject({ resultType: "input_required" });
    expect(asked).not.toHaveProperty("taskId");
    const { requestState } = asked;
    const accepted = { ...call, requestState, inputResponses: { confirm: { action: "accept", content: {} } } };
    const made = await client.ask("tools/call", accepted);
    expect(made).toMatchObject({ resultType: "task", status: "working" });
    expect(made).not.toHaveProperty("requestState");
    go(path);
    expect(await ending(client, String(made["taskId"]))).toMatchObject({ result: { content: [{ text: "sure\n" }] } });
  });

  test("is none for one that does not declare it, however long it lasts", async () => {
    const client = await newer(envelope());
    const path = folder();
    const waited = client.ask("tools/call", { name: "build", arguments: { in: path } });
    await begun(path);
    const other = await newer();
    const made = await other.ask("tools/call", { name: "build", arguments: { in: folder() } });
    // By now the first would be one, too.
    expect(made).toMatchObject({ resultType: "task" });
    go(path);
    expect(await waited).toMatchObject({ resultType: "complete", content: [{ text: "started\ndone\n" }] });
    for (const method of ["get", "update", "cancel"])
      expect(await errorOf(client.ask(`tasks/${method}`, { taskId: "none" }))).toMatchObject({
        code: -32021,
        data: { requiredCapabilities: { extensions: { [TASKS]: {} } } },
      });
  });
});

function launch(path: string): { command: string; args: string[]; stderr: "ignore" } {
  return { command: process.execPath, args: [BIN, "serve", "-c", join(path, "mcpfier.yaml")], stderr: "ignore" };
}

/** Less than any call of these tests lasts. */
const PATIENCE = { timeout: 500 };

describe("a call that lasts longer than the patience of its client", () => {
  test("comes to its end as a task of SDK 1", async () => {
    const path = folder({ "mcpfier.yaml": YAML });
    const client = new ClientOne(INFO, { capabilities: { elicitation: {} } });
    atEnd(() => client.close());
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept" as const, content: {} }));
    await client.connect(new TransportOne(launch(path)));
    await client.listTools();
    const lost = folder();
    await expect(client.callTool({ name: "build", arguments: { in: lost } }, undefined, PATIENCE)).rejects.toThrow();
    const { tasks } = client.experimental;
    const stream = tasks.callToolStream({ name: "build", arguments: { in: path } }, CallToolResultSchema, PATIENCE);
    const kinds: string[] = [];
    let text: unknown;
    const tooLate = performance.now() + 1.2 * PATIENCE.timeout;
    for await (const message of stream) {
      kinds.push(message.type);
      if (message.type === "taskStatus" && performance.now() > tooLate) go(path);
      if (message.type === "result") text = message.result.content[0];
    }
    expect([...new Set(kinds)]).toEqual(["taskCreated", "taskStatus", "result"]);
    expect(text).toEqual({ type: "text", text: "started\ndone\n" });
    let last: unknown;
    for await (const message of tasks.callToolStream({ name: "note", arguments: {} })) last = message;
    expect(last).toMatchObject({ type: "result", result: { content: [{ text: "noted\n" }] } });
    expect((await tasks.listTasks()).tasks).toHaveLength(2);
  });
});

/** Takes any result. */
const ANY = {
  "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value: value as Answer }) },
} as const;

async function two(
  mode: "legacy" | "auto",
  extensions: Record<string, Record<string, never>> = {},
): Promise<ClientTwo> {
  const client = new ClientTwo(INFO, { versionNegotiation: { mode }, capabilities: { extensions } });
  atEnd(() => client.close());
  await client.connect(new TransportTwo(launch(folder({ "mcpfier.yaml": YAML }))));
  return client;
}

describe("the client of SDK 2, which has no tasks of its own", () => {
  test("gets none unless it asks for one", async () => {
    const client = await two("legacy");
    const path = folder();
    const called = client.callTool({ name: "build", arguments: { in: path } });
    await begun(path);
    const params = { name: "build", arguments: { in: path }, task: {} };
    const { task } = (await client.request({ method: "tools/call", params }, ANY)) as { readonly task: Seen };
    const waited = client.request({ method: "tasks/result", params: { taskId: task.taskId } }, ANY);
    go(path);
    expect(await called).toMatchObject({ content: [{ text: "started\ndone\n" }] });
    expect(await waited).toMatchObject({ content: [{ text: "started\ndone\n" }] });
  });

  test("gets none in the newer era unless it declares the extension", async () => {
    const path = folder();
    const able = await two("auto", { [TASKS]: {} });
    const unable = await two("auto");
    const called = unable.callTool({ name: "build", arguments: { in: path } });
    await expect(able.callTool({ name: "build", arguments: { in: path } })).rejects.toThrow("result type 'task'");
    go(path);
    expect(await called).toMatchObject({ content: [{ text: "started\ndone\n" }] });
  });
});
