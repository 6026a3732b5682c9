// A client by hand, so that only the server is measured.
import { type ChildProcess, spawn } from "node:child_process";
import { pause, resident, timed } from "./process.ts";
import { figure, quantile } from "./statistics.ts";
import type { Figure } from "./row.ts";

const HELLO = [
  {
    id: 0,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1" } },
  },
  { method: "notifications/initialized" },
];
/** A server that does not end when its input does is killed. */
const GRACE_MS = 15_000;

export interface Asked {
  readonly id: number;
  readonly answer: Promise<string>;
}

export interface Session {
  readonly child: ChildProcess;
  /** The line that answers `initialize`. */
  readonly hello: Promise<string>;
  /** Sends a request and resolves with the line of its answer; rejects when the server ends before it, or has ended. */
  ask(method: string, params: object): Promise<string>;
  begin(method: string, params: object): Asked;
  notify(method: string, params: object): void;
  /** No answer to this request is awaited any more. */
  forget(id: number): void;
  end(): Promise<void>;
}

export interface Opening {
  /** Node's arguments. */
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** What stands before Node on the command line. */
  readonly under?: readonly string[];
  /** Is told every line that comes. */
  readonly heard?: (line: string) => void;
}

interface Waiting {
  readonly resolve: (line: string) => void;
  readonly reject: (reason: Error) => void;
}

export function open({ args, env = process.env, cwd, under = [], heard = () => undefined }: Opening): Session {
  const [program = "", ...words] = [...under, process.execPath, ...args];
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "ignore"], env, cwd });
  const waiting = new Map<number, Waiting>();
  let ended: Error | undefined;
  const closed = new Promise<void>((resolve) => {
    child.once("close", (code, signal) => {
      ended = new Error(`the server ended: ${signal ?? `code ${code}`}`);
      for (const { reject } of waiting.values()) reject(ended);
      waiting.clear();
      resolve();
    });
  });
  child.stdin.on("error", () => undefined);
  onLines(child.stdout, (line) => {
    heard(line);
    const id = /"id":(\d+)[},]/.exec(line.slice(-40))?.[1] ?? /"id":(\d+),/.exec(line.slice(0, 60))?.[1];
    waiting.get(Number(id))?.resolve(line);
    waiting.delete(Number(id));
  });
  const send = (message: object): boolean => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const answerTo = (id: number): Promise<string> => {
    const answer = new Promise<string>((resolve, reject) => {
      if (ended === undefined) waiting.set(id, { resolve, reject });
      else reject(ended);
    });
    answer.catch(() => undefined);
    return answer;
  };
  let next = 1;
  const begin = (method: string, params: object): Asked => {
    const id = next++;
    const answer = answerTo(id);
    send({ id, method, params });
    return { id, answer };
  };
  const hello = answerTo(0);
  for (const message of HELLO) send(message);
  return {
    child,
    hello,
    begin,
    ask: (method, params) => begin(method, params).answer,
    notify: (method, params) => void send({ method, params }),
    forget: (id) => void waiting.delete(id),
    end: async () => {
      child.stdin.end();
      const late = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
      await closed;
      clearTimeout(late);
    },
  };
}

/** Hands each line over; a line of 100 MB is put together once. */
function onLines(stream: NodeJS.ReadableStream, heard: (line: string) => void): void {
  let parts: string[] = [];
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = chunk.split("\n");
    const rest = lines.pop() ?? "";
    if (lines.length === 0) {
      parts.push(rest);
      return;
    }
    lines[0] = parts.join("") + (lines[0] ?? "");
    parts = rest === "" ? [] : [rest];
    for (const line of lines) heard(line);
  });
}

/** All pages of `tools/list`. */
export async function listAll(session: Session): Promise<string[]> {
  const pages: string[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const page = await session.ask("tools/list", cursor === undefined ? {} : { cursor });
    pages.push(page);
    cursor = /"nextCursor":"(\d+)"/.exec(page.slice(-200))?.[1] ?? /^.{0,40}"nextCursor":"(\d+)"/.exec(page)?.[1];
    more = cursor !== undefined;
  }
  return pages;
}

export function callTool(session: Session, name: string, more: object = {}): Promise<string> {
  return session.ask("tools/call", { name, arguments: {}, ...more });
}

export interface Watch {
  /** What was seen: how far memory grew, and how long a ping took. */
  end(limits: { readonly growthMiB?: number; readonly pingMs?: number }): Promise<Figure[]>;
}

/** Pings a server and looks at its memory all the while. */
export function watchServer(session: Session): Watch {
  const before = resident(session.child.pid);
  const pings: number[] = [];
  let peak = before;
  const over = new AbortController();
  const watching = (async (): Promise<void> => {
    while (!over.signal.aborted) {
      pings.push(await timed(() => session.ask("ping", {})));
      peak = Math.max(peak, resident(session.child.pid));
      await pause(10);
    }
  })();
  watching.catch(() => undefined);
  return {
    end: async ({ growthMiB, pingMs }) => {
      over.abort();
      await watching;
      const limit = (atMost: number | undefined): Pick<Figure, "target"> =>
        atMost === undefined ? {} : { target: { atMost } };
      return [
        figure([(peak - before) / 1024 ** 2], "MiB", { name: "growth", ...limit(growthMiB) }),
        figure([quantile(pings, 0.99)], "ms", { name: "ping p99", ...limit(pingMs) }),
        figure([Math.max(...pings)], "ms", { name: "longest ping" }),
      ];
    },
  };
}
