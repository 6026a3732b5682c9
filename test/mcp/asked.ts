// Clients of both lines of the official SDK whose user can be asked, over a catalogue with the command `note`.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client as ClientTwo } from "@modelcontextprotocol/client";
import { StdioClientTransport as TransportTwo } from "@modelcontextprotocol/client/stdio";
import { Client as ClientOne } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as TransportOne } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { BIN, atEnd } from "../rig.ts";
import type { Answer } from "./clients.ts";

export const FORMS = { capabilities: { elicitation: {} } };
export const INFO = { name: "mcpfier-tests", version: "1" };

/** No interface: the libraries want what an index fits. */
export type Reply = {
  readonly action: "accept" | "decline" | "cancel";
  readonly content?: Record<string, string | number | boolean | string[]>;
};

export interface Form {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

/** What the user says. */
export type Handler = (message: string, form: Form) => Reply;

export interface Asked {
  /** Calls `note`. */
  call(text: string): Promise<Answer>;
  close(): Promise<void>;
}

/** Each starts mcpfier over the catalogue in a folder; it is closed after the test. */
export const askedClients: readonly (readonly [string, (path: string, handler: Handler) => Promise<Asked>])[] = [
  ["SDK 1", one],
  ["SDK 2 (legacy)", (path, handler) => two(path, clientTwo("legacy", handler))],
  ["SDK 2 (auto)", (path, handler) => two(path, clientTwo("auto", handler))],
];

const launch = (path: string) => ({
  command: process.execPath,
  args: [BIN, "serve", "-c", join(path, "mcpfier.yaml")],
  stderr: "ignore" as const,
});

const noteOf = (text: string) => ({ name: "note", arguments: { text } });

async function one(path: string, handler: Handler): Promise<Asked> {
  const client = new ClientOne(INFO, FORMS);
  atEnd(() => client.close());
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => answerOf(params, handler));
  await client.connect(new TransportOne(launch(path)));
  return {
    call: async (text) => (await client.callTool(noteOf(text))) as unknown as Answer,
    close: () => client.close(),
  };
}

/** A client of the second line that is not connected yet. */
export function clientTwo(mode: "auto" | "legacy", handler: Handler): ClientTwo {
  const client = new ClientTwo(INFO, { ...FORMS, versionNegotiation: { mode } });
  atEnd(() => client.close());
  client.setRequestHandler("elicitation/create", ({ params }) => answerOf(params, handler));
  return client;
}

async function two(path: string, client: ClientTwo): Promise<Asked> {
  await client.connect(new TransportTwo(launch(path)));
  return {
    call: async (text) => (await client.callTool(noteOf(text))) as unknown as Answer,
    close: () => client.close(),
  };
}

function answerOf(params: { readonly message: string }, handler: Handler): Reply {
  const { requestedSchema } = params as { readonly message: string; readonly requestedSchema: Form };
  return { content: {}, ...handler(params.message, requestedSchema) };
}

/** What `note` has written. */
export function notesIn(path: string): string {
  return existsSync(join(path, "notes")) ? readFileSync(join(path, "notes"), "utf8") : "";
}

export function textOf(answer: { readonly content?: unknown }): string {
  return (answer.content as Answer["content"] | undefined)?.[0]?.text ?? "";
}
