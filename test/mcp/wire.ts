// A client without any library: bytes in, lines out, and each line that comes must be JSON-RPC to the letter.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { collect, folder, poll, start } from "../rig.ts";

/** A message that came; of an error `result` is absent, and so on. */
export interface Line {
  readonly jsonrpc: "2.0";
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface Wire {
  readonly child: ChildProcess;
  readonly folder: string;
  /** Writes as it is given, waiting while the server does not read. */
  write(bytes: string | Uint8Array): Promise<void>;
  /** Writes each as one line of JSON. */
  send(...messages: readonly object[]): void;
  /** What came so far; a batch counts as its messages. */
  lines(): readonly Line[];
  /** Batches that came, as they came. */
  batches(): readonly (readonly Line[])[];
  /** The answer of a request. */
  answer(id: string | number): Promise<Line>;
  /** All answers that came until the server has taken what was written before, and at least so many. */
  settled(atLeast?: number): Promise<readonly Line[]>;
  stderr(): string;
  /** Closes stdin and gives the exit code. */
  end(): Promise<number | null>;
}

export const MODERN = "2026-07-28";

/** The `_meta` that each request carries since 2026-07-28. */
export function envelope(version = MODERN): Record<string, unknown> {
  return {
    "io.modelcontextprotocol/protocolVersion": version,
    "io.modelcontextprotocol/clientInfo": { name: "wire", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
}

export function initialize(protocolVersion: string): object {
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: "wire", version: "1" } };
  return { id: "initialize", method: "initialize", params };
}

/** Serves a catalogue's text; shakes hands under a revision, unless it is null. */
export async function wire(yaml: string, revision: string | null = "2025-11-25"): Promise<Wire> {
  const path = folder({ "mcpfier.yaml": yaml });
  const child = start(["serve", "-c", join(path, "mcpfier.yaml")], { cwd: path });
  const exit = once(child, "exit");
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error("the server has no pipes");
  stdin.on("error", () => undefined);
  const stderr = collect(child, "stderr");
  const received: Line[] = [];
  const batches: (readonly Line[])[] = [];
  const byId = new Map<unknown, Line>();
  let rest = "";
  stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const value = JSON.parse(line) as Line | readonly Line[];
      const messages = Array.isArray(value) ? (value as readonly Line[]) : [value as Line];
      if (Array.isArray(value)) batches.push(messages);
      for (const message of messages) {
        received.push(message);
        if (message.method === undefined && message.id !== null) byId.set(message.id, message);
      }
    }
  });
  let checked = 0;
  let barriers = 0;

  const lines = (): readonly Line[] => {
    for (; checked < received.length; checked++) checkLine(received[checked]);
    return received;
  };
  const session: Wire = {
    child,
    folder: path,
    write: async (bytes) => void (stdin.write(bytes) || (await once(stdin, "drain"))),
    send: (...messages) => {
      for (const message of messages) stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    },
    lines,
    batches: () => batches,
    answer: async (id) => {
      await poll(
        () => byId.has(id),
        () => `no answer to ${id}; stderr: ${stderr()}`,
      );
      lines();
      return byId.get(id) as Line;
    },
    settled: async (atLeast = 0) => {
      const id = `barrier ${barriers++}`;
      session.send({ id, method: "ping" });
      await session.answer(id);
      const others = (): readonly Line[] => lines().filter((line) => !/^(?:barrier|initialize)/.test(String(line.id)));
      await poll(
        () => others().length >= atLeast,
        () => `only ${JSON.stringify(others().slice(-5))} came; stderr: ${stderr()}`,
      );
      return others();
    },
    stderr,
    end: async () => {
      stdin.end();
      await exit;
      return child.exitCode;
    },
  };
  if (revision === null) return session;
  session.send(initialize(revision));
  await session.answer("initialize");
  session.send({ method: "notifications/initialized" });
  return session;
}

const FIELDS = new Set(["jsonrpc", "id", "method", "params", "result", "error"]);

/** JSON-RPC 2.0, and nothing beside it; by plain comparisons, as there may be many. */
function checkLine(line: Line | undefined): void {
  const isWhole =
    line?.jsonrpc === "2.0" &&
    [line.method, line.result, line.error].filter((each) => each !== undefined).length === 1 &&
    (line.method === undefined ? isAnswer(line) : typeof line.method === "string" && line.id !== null) &&
    Object.keys(line).every((field) => FIELDS.has(field));
  if (!isWhole) throw new Error(`this is not JSON-RPC: ${JSON.stringify(line)}`);
}

function isAnswer({ id, params, result, error }: Line): boolean {
  const isId = typeof id === "string" || Number.isSafeInteger(id);
  if (params !== undefined) return false;
  if (!error) return isId && typeof result === "object";
  return (isId || id === null) && Number.isSafeInteger(error.code) && typeof error.message === "string";
}
