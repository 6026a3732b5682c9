// The clients of both lines of the official SDK, and the protocol's inspector, behind one small face.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Client as ClientTwo } from "@modelcontextprotocol/client";
import { StdioClientTransport as TransportTwo } from "@modelcontextprotocol/client/stdio";
import { Client as ClientOne } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as TransportOne } from "@modelcontextprotocol/sdk/client/stdio.js";
import { BIN, atEnd, folder } from "../rig.ts";

export interface Answer {
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly isError?: boolean;
  readonly structuredContent?: unknown;
  readonly _meta?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface ToolSeen {
  readonly name: string;
  readonly inputSchema: unknown;
}

export interface Session {
  tools(): Promise<readonly ToolSeen[]>;
  /** Some clients cannot cancel and pass over the signal. */
  call(tool: string, args: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<Answer>;
}

export interface ClientKind {
  readonly name: string;
  /** Starts mcpfier over a catalogue, with what is added to its environment; it is closed after the test. */
  open(catalogue: string, env?: Readonly<Record<string, string>>): Promise<Session>;
}

const INFO = { name: "mcpfier-tests", version: "1" };

async function collectPages(
  page: (cursor?: string) => Promise<{ tools: ToolSeen[]; nextCursor?: string | undefined }>,
): Promise<ToolSeen[]> {
  const all: ToolSeen[] = [];
  let cursor: string | undefined;
  do {
    const { tools, nextCursor } = await page(cursor);
    all.push(...tools);
    cursor = nextCursor;
  } while (cursor !== undefined);
  return all;
}

const one: ClientKind = {
  name: "SDK 1",
  open: async (catalogue, env = {}) => {
    const client = new ClientOne(INFO);
    atEnd(() => client.close());
    await client.connect(
      new TransportOne({
        command: process.execPath,
        args: [BIN, "serve", "-c", catalogue],
        env: { ...env },
        stderr: "ignore",
      }),
    );
    return {
      tools: () => collectPages((cursor) => client.listTools(cursor === undefined ? {} : { cursor })),
      call: async (name, args, signal) =>
        (await client.callTool({ name, arguments: { ...args } }, undefined, signal && { signal })) as unknown as Answer,
    };
  },
};

function two(era: "auto" | "legacy"): ClientKind {
  return {
    name: `SDK 2 (${era})`,
    open: async (catalogue, env = {}) => {
      const client = new ClientTwo(INFO, { versionNegotiation: { mode: era } });
      atEnd(() => client.close());
      await client.connect(
        new TransportTwo({
          command: process.execPath,
          args: [BIN, "serve", "-c", catalogue],
          env: { ...env },
          stderr: "ignore",
        }),
      );
      return {
        tools: () => collectPages((cursor) => client.listTools(cursor === undefined ? {} : { cursor })),
        call: async (name, args, signal) =>
          (await client.callTool({ name, arguments: { ...args } }, signal && { signal })) as unknown as Answer,
      };
    },
  };
}

export type Era = "legacy" | "auto" | "modern";

/** Asks by the inspector, and gives the result; throws where it finds an error in the schemas of tools. */
export async function inspect(
  catalogue: string,
  words: readonly string[],
  { era = "legacy", env = {} }: { readonly era?: Era; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<unknown> {
  const bin = new URL("../../node_modules/.bin/mcp-inspector", import.meta.url).pathname;
  const strict = words.includes("tools/list") ? ["--strict"] : [];
  const how = ["--protocol-era", era, ...strict, "--format", "json", "--method", ...words];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [bin, "--cli", process.execPath, BIN, "-c", catalogue, ...how],
    { env: { ...process.env, HOME: folder(), ...env }, maxBuffer: 64e6 },
  ).catch((error: { code?: unknown; stdout?: string; stderr?: string }) => {
    // 5: the tool answered with an error, which is an answer.
    if (error.code === 5) return { stdout: error.stdout ?? "" };
    throw new Error(`the inspector failed: ${error.stderr}`);
  });
  return (JSON.parse(stdout) as { result: unknown }).result;
}

const inspector: ClientKind = {
  name: "inspector",
  open: (catalogue, env = {}) =>
    Promise.resolve({
      tools: async () => ((await inspect(catalogue, ["tools/list"], { env })) as { tools: ToolSeen[] }).tools,
      call: async (tool, args) => {
        const words = Object.entries(args).flatMap(([name, value]) => [
          "--tool-arg",
          `${name}=${JSON.stringify(value)}`,
        ]);
        return (await inspect(catalogue, ["tools/call", "--tool-name", tool, ...words], { env })) as Answer;
      },
    }),
};

export const clients: readonly ClientKind[] = [one, two("auto"), two("legacy"), inspector];
