// The clients of both lines of the official SDK over HTTP, behind one small face.
import { Client as ClientTwo, StreamableHTTPClientTransport as TransportTwo } from "@modelcontextprotocol/client";
import { Client as ClientOne } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportOne } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Answer } from "../mcp/clients.ts";
import { atEnd } from "../rig.ts";

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { readonly message?: string | undefined }) => void;
}

export interface Session {
  tools(): Promise<readonly string[]>;
  call(tool: string, args: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<Answer>;
  /** The URIs of the records that are listed. */
  records(): Promise<readonly string[]>;
  read(uri: string): Promise<string>;
}

export interface ClientKind {
  readonly name: string;
  readonly hasSession: boolean;
  open(url: string): Promise<Session>;
}

const INFO = { name: "mcpfier-tests", version: "1" };

const one: ClientKind = {
  name: "SDK 1",
  hasSession: true,
  open: async (url) => {
    const client = new ClientOne(INFO);
    atEnd(() => client.close());
    await client.connect(new TransportOne(new URL(url)));
    return {
      tools: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: async (name, args, options) =>
        (await client.callTool({ name, arguments: { ...args } }, undefined, options)) as unknown as Answer,
      records: async () => (await client.listResources()).resources.map(({ uri }) => uri),
      read: async (uri) => JSON.stringify(await client.readResource({ uri })),
    };
  },
};

function two(name: string, mode: "auto" | "legacy" | { readonly pin: "2026-07-28" }): ClientKind {
  return {
    name: `SDK 2 (${name})`,
    hasSession: mode === "legacy",
    open: async (url) => {
      const client = new ClientTwo(INFO, { versionNegotiation: { mode } });
      atEnd(() => client.close());
      await client.connect(new TransportTwo(new URL(url)));
      return {
        tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
        call: async (tool, args, options) =>
          (await client.callTool({ name: tool, arguments: { ...args } }, options)) as unknown as Answer,
        records: async () => (await client.listResources()).resources.map(({ uri }) => uri),
        read: async (uri) => JSON.stringify(await client.readResource({ uri })),
      };
    },
  };
}

export const clients: readonly ClientKind[] = [
  one,
  two("legacy", "legacy"),
  two("auto", "auto"),
  two("2026-07-28", { pin: "2026-07-28" }),
];
