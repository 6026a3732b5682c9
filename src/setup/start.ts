import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Client } from "./client.ts";
import type { Entry } from "./format.ts";
import { startIn, urlIn } from "./entry.ts";
import { type Message, countTools } from "./handshake.ts";
import type { Where } from "./place.ts";
import { reach } from "./reach.ts";

/** How a server answered that was started, or asked, as a client would do it. */
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

/** Starts what an entry says, in the folder and with the environment of its client, or asks at its URL; and has its tools listed. A signal ends it. */
export async function tryEntry(
  client: Client,
  entry: Entry,
  around: Surroundings,
  signal: AbortSignal,
): Promise<Started> {
  const begun = performance.now();
  const url = urlIn(client, entry);
  let stderr = "";
  const child = url === undefined ? startOf(client, entry, around) : undefined;
  child?.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr = `${stderr}${text}`.slice(-MOST_STDERR)));
  const late = AbortSignal.timeout(PATIENCE_MS);
  const until = AbortSignal.any([signal, late]);
  const kill = (): void => void child?.kill("SIGKILL");
  until.addEventListener("abort", kill);
  try {
    const tools = child
      ? await Promise.race([listTools(child, around.version), failed(child)])
      : await reach(url ?? "", around.version, until);
    return { tools, ms: Math.round(performance.now() - begun) };
  } catch (error) {
    const fault = late.aborted ? `it did not answer within ${PATIENCE_MS / 1000} s` : (error as Error).message;
    return { fault, stderr };
  } finally {
    if (child) await end(child);
    until.removeEventListener("abort", kill);
  }
}

/** The environment that a client's servers get when an entry says nothing of it. */
export function environmentOf(starts: Client["starts"], { env, platform }: Where): Record<string, string | undefined> {
  if (starts === "terminal") return { ...env };
  const names = (platform === "win32" ? GIVEN.win32 : GIVEN.posix).split(" ");
  const kept = Object.fromEntries(names.map((name) => [name, env[name]]));
  return platform === "win32" ? kept : { ...kept, PATH: DESKTOP_PATH };
}

function startOf(client: Client, entry: Entry, around: Surroundings): ChildProcess {
  const { command, args, env } = startIn(client, entry);
  const cwd = { desktop: "/", "desktop, at home": around.home, terminal: around.cwd }[client.starts];
  const given = {
    ...environmentOf(client.starts, around),
    ...passed(client, entry, around),
    ...filled(client, env, around),
  };
  const child = spawn(command, args, { cwd, env: given });
  child.stdin.on("error", () => undefined);
  return child;
}

/** The variables that an entry names for its client to give on. */
function passed({ stdio: { pass } }: Client, entry: Entry, { env }: Where): Record<string, string | undefined> {
  const names = pass && "names" in pass ? entry[pass.names] : [];
  return Array.isArray(names) ? Object.fromEntries(names.map((name) => [String(name), env[String(name)]])) : {};
}

/** The entry's own variables, filled in as its client does. */
function filled({ stdio: { pass } }: Client, env: Entry, around: Where): Record<string, string> {
  const reference = pass && "reference" in pass ? pass.reference : null;
  const [head = "", tail = ""] = reference?.split("NAME") ?? [];
  const fill = (value: string): string => {
    const isReference = reference !== null && value.startsWith(head) && value.endsWith(tail);
    return (isReference && around.env[value.slice(head.length, value.length - tail.length)]) || value;
  };
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(String(value))]));
}

/** Rejects when the server ends before it answered, or cannot be started. */
async function failed(child: ChildProcess): Promise<never> {
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  throw new Error(`it ended ${code === null ? `by ${signal}` : `with exit code ${code}`} before it answered`);
}

async function listTools({ stdin, stdout }: ChildProcess, version: string): Promise<number> {
  if (!stdin || !stdout) throw new Error("it has no pipes");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return countTools(version, async (message, id) => {
    stdin.write(`${JSON.stringify(message)}\n`);
    if (id === null) return {};
    for (;;) {
      const { value, done } = await lines.next();
      // What became of it is told by its end.
      if (done === true) return new Promise<never>(() => undefined);
      const answer = messageOf(value);
      if (answer.id === id) return answer;
    }
  });
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
