import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Client as ClientOne } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportOne } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { CallToolResultSchema, ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, test } from "vitest";
import {
  type Answer,
  type Asker,
  DECLARED,
  RELATED,
  YAML,
  begun,
  errorOf,
  go,
  isAlive,
  resultOf,
  until,
} from "../mcp/tasks.ts";
import type { Line } from "../mcp/wire.ts";
import { atEnd, engineOf, folder, poll } from "../rig.ts";
import { type Served, modern, serveHere } from "./rig.ts";

const INFO = { name: "mcpfier-tests", version: "1" };

/** A client of SDK 1, with a session of its own; its user accepts whatever is asked. */
async function connect({ url }: Served): Promise<ClientOne> {
  const client = new ClientOne(INFO, { capabilities: { elicitation: {} } });
  atEnd(() => client.close());
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept" as const, content: {} }));
  await client.connect(new TransportOne(new URL(url)));
  return client;
}

async function leave(client: ClientOne): Promise<void> {
  await (client.transport as TransportOne).terminateSession();
  await client.close();
}

const ANSWER = CallToolResultSchema.loose();

/** Makes a call a task and gives its id. */
async function make(client: ClientOne, name: string, args: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const stream = client.experimental.tasks.callToolStream({ name, arguments: args }, undefined, { task: {} });
  for await (const message of stream) if (message.type === "taskCreated") return message.task.taskId;
  throw new Error("no task was made");
}

/** A client of 2026-07-28, which is known by nothing. */
function stateless({ url }: Served): Asker {
  return {
    ask: async (method, params = {}) => {
      const { headers, body } = modern(1, method, { ...params, _meta: DECLARED });
      const { taskId } = params as { readonly taskId?: string };
      const all = { ...headers, ...(taskId === undefined ? {} : { "mcp-name": taskId }) };
      const text = await (await fetch(`${url}/mcp`, { method: "POST", headers: all, body })).text();
      const data = text.startsWith("{") ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? "{}");
      return resultOf(JSON.parse(data) as Line);
    },
  };
}

describe("a task over HTTP", () => {
  test("is found after its session by its id, and by nobody who does not know it", async () => {
    const served = await serveHere(YAML);
    const [path, other] = [folder(), folder()];
    const first = await connect(served);
    const id = await make(first, "build", { in: path });
    const cancelled = await make(first, "build", { in: other });
    const pid = await begun(other);
    await leave(first);
    const second = await connect(served);
    const { tasks } = second.experimental;
    expect((await tasks.listTasks()).tasks).toEqual([]);
    expect(await tasks.getTask(id)).toMatchObject({ taskId: id, status: "working" });
    expect((await tasks.listTasks()).tasks).toMatchObject([{ taskId: id }]);
    const waited = tasks.getTaskResult(id, ANSWER);
    go(path);
    expect(await waited).toMatchObject({
      content: [{ text: "started\ndone\n" }],
      _meta: { [RELATED]: { taskId: id } },
    });
    expect(await tasks.cancelTask(cancelled)).toMatchObject({ status: "cancelled" });
    expect(isAlive(pid)).toBe(false);
    const third = await connect(served);
    expect((await third.experimental.tasks.listTasks()).tasks).toEqual([]);
    const unknown = await errorOf(third.experimental.tasks.getTask(id.replace(/.$/, "x")));
    expect(unknown).toMatchObject({ code: -32602 });
  });

  test("is asked about by the client that comes back", async () => {
    const served = await serveHere(YAML);
    const first = await connect(served);
    // Nobody waits for its result, so that nobody is asked.
    const id = await make(first, "note");
    await until(
      () => first.experimental.tasks.getTask(id),
      ({ status }) => status === "input_required",
    );
    await leave(first);
    const second = await connect(served);
    const result = await second.experimental.tasks.getTaskResult(id, ANSWER);
    expect(result).toMatchObject({ content: [{ text: "noted\n" }] });
  });

  test("of a client without a session is found by a later one, also in a session", async () => {
    const served = await serveHere(YAML);
    const { ask } = stateless(served);
    const path = folder();
    const { taskId } = await ask("tools/call", { name: "build", arguments: { in: path } });
    const client = await connect(served);
    expect(await client.experimental.tasks.getTask(String(taskId))).toMatchObject({ status: "working" });
    expect(await ask("tasks/get", { taskId })).toMatchObject({ status: "working" });
    go(path);
    const ended = await until(
      () => ask("tasks/get", { taskId }),
      ({ status }) => status !== "working",
    );
    expect(ended).toMatchObject({ status: "completed", result: { content: [{ text: "started\ndone\n" }] } });
    const next = folder();
    const other = await ask("tools/call", { name: "build", arguments: { in: next } });
    const pid = await begun(next);
    await ask("tasks/cancel", { taskId: other["taskId"] });
    expect(isAlive(pid)).toBe(false);
  });

  test("ends with its server", async () => {
    const engine = await engineOf(YAML);
    const served = await serveHere(YAML, { engine });
    const client = await connect(served);
    const path = folder();
    await make(client, "build", { in: path });
    const pid = await begun(path);
    await engine.close();
    expect(isAlive(pid)).toBe(false);
  });

  test("is waited for by the inspector, whose client declares the extension", async () => {
    const engine = await engineOf(YAML);
    const { url } = await serveHere(YAML, { engine });
    const path = folder();
    const bin = new URL("../../node_modules/.bin/mcp-inspector", import.meta.url).pathname;
    const words = ["--transport", "http", "--protocol-era", "modern", "--format", "json", "--method", "tools/call"];
    const call = ["--tool-name", "build", "--tool-arg", `in=${JSON.stringify(path)}`];
    const told = promisify(execFile)(process.execPath, [bin, "--cli", `${url}/mcp`, ...words, ...call], {
      env: { ...process.env, HOME: folder() },
    });
    await poll(
      () => engine.jobs.list().some(({ task }) => task !== null),
      () => "it becomes no task",
    );
    go(path);
    const { result } = JSON.parse((await told).stdout) as { readonly result: Answer };
    expect(result).toMatchObject({ content: [{ text: "started\ndone\n" }] });
  });
});
