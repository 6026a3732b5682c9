// What prompts, resources and completions are asked with: the clients of both lines of the official SDK, which agree on this.
import type { Client as ClientTwoType } from "@modelcontextprotocol/client";
import { Client as ClientTwo } from "@modelcontextprotocol/client";
import { StdioClientTransport as TransportTwo } from "@modelcontextprotocol/client/stdio";
import { Client as ClientOne } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as TransportOne } from "@modelcontextprotocol/sdk/client/stdio.js";
import { BIN, atEnd } from "../rig.ts";

export type Talker = Pick<
  ClientTwoType,
  | "listPrompts"
  | "getPrompt"
  | "complete"
  | "listResources"
  | "listResourceTemplates"
  | "readResource"
  | "getServerCapabilities"
  | "callTool"
>;

export const KINDS = ["SDK 1", "SDK 2 (legacy)", "SDK 2 (auto)"] as const;

/** Serves a catalogue to a client of a kind; it is closed after the test. */
export async function talk(
  kind: (typeof KINDS)[number],
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Talker> {
  const info = { name: "mcpfier-tests", version: "1" };
  const server = {
    command: process.execPath,
    args: [BIN, "serve", "-c", file],
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stderr: "ignore" as const,
  };
  if (kind === "SDK 1") {
    const client = new ClientOne(info);
    atEnd(() => client.close());
    await client.connect(new TransportOne(server));
    return client as unknown as Talker;
  }
  const mode = kind === "SDK 2 (auto)" ? "auto" : "legacy";
  const client = new ClientTwo(info, { versionNegotiation: { mode } });
  atEnd(() => client.close());
  await client.connect(new TransportTwo(server));
  return client;
}
