// What the rows of scripts/bench.ts are measured with.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const BIN = fileURLToPath(new URL("../dist/mcpfier.mjs", import.meta.url));
export const ROOM = mkdtempSync(join(tmpdir(), "mcpfier-bench-"));

export interface Row {
  readonly what: string;
  readonly measure: () => Promise<string>;
}

const HELLO = [
  {
    id: 0,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1" } },
  },
  { method: "notifications/initialized" },
];

export interface Session {
  readonly child: ChildProcess;
  /** Sends a request and resolves with the line of its answer. */
  ask(method: string, params: object): Promise<string>;
  end(): Promise<void>;
}

/** A client by hand, so that only the server is measured; `heard` is told every line that comes. */
export async function open(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  heard: (line: string) => void = () => undefined,
): Promise<Session> {
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"], env });
  const waiting = new Map<number, (line: string) => void>();
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      heard(line);
      const id = /"id":(\d+)[},]/.exec(line.slice(-40))?.[1] ?? /"id":(\d+),/.exec(line.slice(0, 60))?.[1];
      if (id !== undefined) waiting.get(Number(id))?.(line);
    }
  });
  let next = 1;
  const send = (message: object): boolean => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  for (const message of HELLO) send(message);
  return {
    child,
    ask: (method, params) =>
      new Promise((resolve) => {
        const id = next++;
        waiting.set(id, resolve);
        send({ id, method, params });
      }),
    end: () =>
      new Promise((resolve) => {
        child.once("close", () => resolve());
        child.stdin.end();
      }),
  };
}

export interface Probe {
  end(): Promise<string>;
}

/** Pings a server and looks at its memory all the while. */
export function watchServer(session: Session): Probe {
  const before = resident(session.child.pid);
  const pings: number[] = [];
  let peak = before;
  const over = new AbortController();
  const watching = (async (): Promise<void> => {
    while (!over.signal.aborted) {
      pings.push(await timed(() => session.ask("ping", {})));
      peak = Math.max(peak, resident(session.child.pid));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return {
    end: async () => {
      over.abort();
      await watching;
      const [p50, p99] = [quantile(pings, 0.5), quantile(pings, 0.99)];
      return `memory grew by ${Math.round((peak - before) / 1024 ** 2)} MiB; ping p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(0)}, longest ${Math.max(...pings).toFixed(0)} ms`;
    },
  };
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Bytes of physical memory that a process holds now. */
export function resident(pid: number | undefined): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

export function ratio(ours: readonly number[], floor: readonly number[], unit: string, places = 2): string {
  const pairs = ours.map((value, index) => value / (floor[index] ?? value));
  const digits = unit === "ms" ? 1 : 0;
  return `${quantile(pairs, 0.5).toFixed(places)} × (${quantile(ours, 0.5).toFixed(digits)} against ${quantile(floor, 0.5).toFixed(digits)} ${unit})`;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
