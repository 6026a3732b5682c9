// A client of our own: the libraries hide what really goes over the pipe.
import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { collect, folder, poll, start } from "../rig.ts";

export interface Message {
  readonly jsonrpc: "2.0";
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>> & {
    readonly content?: readonly { readonly text: string }[];
    readonly isError?: boolean;
    readonly _meta?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  readonly error?: { readonly code: number; readonly message: string };
}

export interface Raw {
  readonly child: ChildProcess;
  /** Where its files are. */
  readonly folder: string;
  send(message: object): void;
  call(id: number, tool: string, args: object, meta?: object): void;
  /** The answer of a request. */
  answer(id: number): Promise<Message>;
  /** Every line of stdout so far; each must be JSON-RPC. */
  messages(): readonly Message[];
  stderr(): string;
  /** Closes stdin and gives the exit code. */
  end(): Promise<number | null>;
  exited(): Promise<number | null>;
}

export interface RawOptions {
  /** The revision of the protocol that the client asks for. */
  readonly protocolVersion?: string;
  /** More words of the command line. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What stands before it on the command line. */
  readonly under?: readonly string[];
}

/** Serves a catalogue's text and shakes hands. */
export async function raw(
  yaml: string,
  files: Readonly<Record<string, string>> = {},
  { protocolVersion = "2025-11-25", args: words = [], env = {}, under = [] }: RawOptions = {},
): Promise<Raw> {
  const path = folder(files);
  writeFileSync(join(path, "mcpfier.yaml"), yaml);
  const child = start(["serve", "-c", join(path, "mcpfier.yaml"), ...words], { cwd: path, env, under });
  const received: Message[] = [];
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    received.push(...lines.map((line) => JSON.parse(line) as Message));
  });
  const stderr = collect(child, "stderr");
  const exit = new Promise<number | null>((done) => child.once("exit", done));
  const messages = (): Message[] => {
    for (const message of received) expect(message.jsonrpc).toBe("2.0");
    return received;
  };
  const send = (message: object): void =>
    void child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const session: Raw = {
    child,
    folder: path,
    send,
    messages,
    stderr,
    call: (id, tool, args, meta) =>
      send({ id, method: "tools/call", params: { name: tool, arguments: args, ...(meta ? { _meta: meta } : {}) } }),
    answer: async (id) => {
      await poll(
        () => received.some((message) => message.id === id),
        () => `no answer to ${id}; stderr: ${stderr()}`,
      );
      return messages().find((message) => message.id === id) as Message;
    },
    end: () => {
      child.stdin?.end();
      return exit;
    },
    exited: () => exit,
  };
  send({
    id: 0,
    method: "initialize",
    params: { protocolVersion, capabilities: {}, clientInfo: { name: "raw", version: "1" } },
  });
  await session.answer(0);
  send({ method: "notifications/initialized" });
  return session;
}
