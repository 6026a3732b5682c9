// Every client behind every door, with one small face.
import { Client as ClientTwo, StreamableHTTPClientTransport as HttpTwo } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioTwo } from "@modelcontextprotocol/client/stdio";
import { Client as ClientOne } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioOne } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpOne } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { served } from "../http/served.ts";
import { BIN, atEnd } from "../rig.ts";
import type { Answer } from "./clients.ts";

export interface Party {
  tools(): Promise<readonly string[]>;
  call(tool: string, args: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<Answer>;
  /** The result of a call that is made a task where the client knows how, and is waited for where it does not. */
  task(tool: string, args: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** The addresses that are listed. */
  resources(): Promise<readonly string[]>;
  read(uri: string): Promise<string>;
  /** Whatever it was told beside answers, and asked for its user, who says yes. */
  readonly heard: readonly unknown[];
}

/** What there is for a client to connect to, as long as the test. */
export type Door =
  | { readonly url: URL }
  | { readonly command: string; readonly args: string[]; readonly env: Environment };

type Environment = Record<string, string>;

/** Two of the first are two servers, and two of the second are clients of one. */
export const DOORS: Readonly<Record<string, (catalogue: string, env: Environment) => Promise<readonly [Door, Door]>>> =
  {
    stdio: (catalogue, env) => {
      const door = { command: process.execPath, args: [BIN, "serve", "-c", catalogue], env };
      return Promise.resolve([door, door]);
    },
    HTTP: async (catalogue, env) => {
      const { url } = await served(["serve", "--http", "0", "-c", catalogue], { env });
      return [{ url: new URL(`${url}/mcp`) }, { url: new URL(url) }];
    },
  };

const INFO = { name: "mcpfier-tests", version: "1" };
const ABLE = { elicitation: {} };

/** With the log of the call, as far as there is one. */
function paramsOf(name: string, args: Readonly<Record<string, unknown>>) {
  return { name, arguments: { ...args }, _meta: { "io.modelcontextprotocol/logLevel": "debug" } };
}

async function one(door: Door): Promise<Party> {
  const heard: unknown[] = [];
  const client = new ClientOne(INFO, { capabilities: ABLE });
  atEnd(() => client.close());
  client.fallbackNotificationHandler = (note) => Promise.resolve(void heard.push(note));
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    heard.push(params.message);
    return { action: "accept", content: {} };
  });
  await client.connect("url" in door ? new HttpOne(door.url) : new StdioOne({ ...door, stderr: "ignore" }));
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args, signal) => {
      const options = { onprogress: (note: object) => heard.push(note), ...(signal && { signal }) };
      return (await client.callTool(paramsOf(name, args), undefined, options)) as unknown as Answer;
    },
    task: async (name, args) => {
      const stream = client.experimental.tasks.callToolStream(paramsOf(name, args), undefined, { task: {} });
      for await (const message of stream) {
        heard.push(message);
        if (message.type === "result") return message.result as unknown as Answer;
      }
      throw new Error("the task has no result");
    },
    resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    read: async (uri) => JSON.stringify(await client.readResource({ uri })),
    heard,
  };
}

interface Made {
  readonly task: { readonly taskId: string };
}

/** Takes any result: of tasks the library knows nothing. */
const ANY = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;

async function two(mode: "legacy" | "auto" | { readonly pin: "2026-07-28" }, door: Door): Promise<Party> {
  const heard: unknown[] = [];
  const client = new ClientTwo(INFO, {
    capabilities: ABLE,
    versionNegotiation: { mode },
    listChanged: { tools: { autoRefresh: false, onChanged: () => void heard.push("tools/list_changed") } },
  });
  atEnd(() => client.close());
  client.fallbackNotificationHandler = (note) => Promise.resolve(void heard.push(note));
  client.setRequestHandler("elicitation/create", ({ params }) => {
    heard.push(params.message);
    return { action: "accept", content: {} };
  });
  await client.connect("url" in door ? new HttpTwo(door.url) : new StdioTwo({ ...door, stderr: "ignore" }));
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args, signal) => {
      const options = { onprogress: (note: object) => heard.push(note), ...(signal && { signal }) };
      return (await client.callTool(paramsOf(name, args), options)) as unknown as Answer;
    },
    task: async (name, args) => {
      const params = paramsOf(name, args);
      if (mode !== "legacy") return (await client.callTool(params)) as unknown as Answer;
      const made = (await client.request({ method: "tools/call", params: { ...params, task: {} } }, ANY)) as Made;
      heard.push(made);
      return (await client.request({ method: "tasks/result", params: { taskId: made.task.taskId } }, ANY)) as Answer;
    },
    resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    read: async (uri) => JSON.stringify(await client.readResource({ uri })),
    heard,
  };
}

export const CLIENTS: Readonly<Record<string, (door: Door) => Promise<Party>>> = {
  "SDK 1": one,
  "SDK 2 (legacy)": (door) => two("legacy", door),
  "SDK 2 (auto)": (door) => two("auto", door),
  "SDK 2 (2026-07-28)": (door) => two({ pin: "2026-07-28" }, door),
};
