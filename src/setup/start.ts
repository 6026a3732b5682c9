import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Client, Entry } from "./client.ts";
import type { Where } from "./place.ts";

/** How a server answered that was started as a client would start it. */
export type Started =
  | { readonly tools: number; readonly ms: number }
  | { readonly fault: string; readonly stderr: string };

export interface Surroundings extends Where {
  readonly cwd: string;
  readonly version: string;
}

/** How long a server is waited for. */
const PATIENCE_MS = 15_000;
const END_MS = 2000;
/** What is kept of its stderr, the end. */
const MOST_STDERR = 4096;
const DESKTOP_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";
/** What clients give on to servers, by the SDK that most are made of. */
const GIVEN = {
  posix: "HOME LOGNAME PATH SHELL TERM USER",
  win32:
    "APPDATA HOMEDRIVE HOMEPATH LOCALAPPDATA PATH PROCESSOR_ARCHITECTURE PROGRAMFILES SYSTEMDRIVE SYSTEMROOT TEMP USERNAME USERPROFILE",
} as const;

/** Starts what an entry says, in the folder and with the environment of its client, and has its tools listed. */
export async function tryEntry(client: Client, entry: Entry, around: Surroundings): Promise<Started> {
  const begun = performance.now();
  const { command, args, env } = entry as { command: string; args: readonly string[]; env?: unknown };
  const cwd = { desktop: "/", "desktop, at home": around.home, terminal: around.cwd }[client.starts];
  const child = spawn(command, args, { cwd, env: { ...environmentOf(client, around), ...given(client, env, around) } });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = `${stderr}${text}`.slice(-MOST_STDERR)));
  child.stdin.on("error", () => undefined);
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  try {
    const tools = await Promise.race([listTools(child, around.version), failed(child)]);
    return { tools, ms: Math.round(performance.now() - begun) };
  } catch (error) {
    const isLate = performance.now() - begun >= PATIENCE_MS;
    const fault = isLate ? `it did not answer within ${PATIENCE_MS / 1000} s` : (error as Error).message;
    return { fault, stderr };
  } finally {
    await end(child);
    clearTimeout(timer);
  }
}

function environmentOf({ starts }: Client, { env, platform }: Surroundings): Record<string, string | undefined> {
  if (starts === "terminal") return { ...env };
  const names = (platform === "win32" ? GIVEN.win32 : GIVEN.posix).split(" ");
  const kept = Object.fromEntries(names.map((name) => [name, env[name]]));
  return platform === "win32" ? kept : { ...kept, PATH: DESKTOP_PATH };
}

/** The entry's own variables, filled in as its client does. */
function given({ reference }: Client, env: unknown, around: Surroundings): Record<string, string> {
  const [head = "", tail = ""] = reference?.split("NAME") ?? [];
  const fill = (value: string): string => {
    const isReference = reference !== null && value.startsWith(head) && value.endsWith(tail);
    return (isReference && around.env[value.slice(head.length, value.length - tail.length)]) || value;
  };
  return Object.fromEntries(Object.entries(env ?? {}).map(([name, value]) => [name, fill(String(value))]));
}

/** Rejects when the server ends before it answered, or cannot be started. */
async function failed(child: ChildProcess): Promise<never> {
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  throw new Error(`it ended ${code === null ? `by ${signal}` : `with exit code ${code}`} before it answered`);
}

async function listTools(child: ChildProcess, version: string): Promise<number> {
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error("it has no pipes");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const send = (message: object): void => void stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  let id = 0;
  const ask = async (method: string, params: object): Promise<Record<string, unknown>> => {
    send({ id: ++id, method, params });
    for (;;) {
      const { value, done } = await lines.next();
      // What became of it is told by its end.
      if (done === true) return new Promise<never>(() => undefined);
      const { id: answered, result, error } = messageOf(value);
      if (answered !== id) continue;
      if (result) return result;
      throw new Error(`it answered ${method} with an error: ${error?.message ?? ""}`);
    }
  };
  const clientInfo = { name: "mcpfier setup", version };
  await ask("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
  send({ method: "notifications/initialized" });
  let count = 0;
  let cursor: unknown;
  do {
    const { tools, nextCursor } = await ask("tools/list", cursor === undefined ? {} : { cursor });
    count += (tools as readonly unknown[]).length;
    cursor = nextCursor;
  } while (cursor !== undefined);
  return count;
}

interface Message {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** stdout is the protocol's: a client gives up at a line that is none of its messages. */
function messageOf(line: string): Message {
  try {
    return JSON.parse(line) as Message;
  } catch {
    throw new Error(`it printed a line that is no message of the protocol: ${line.slice(0, 200)}`);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
  await ended;
  clearTimeout(timer);
}
