// What the system tells of a process, and how long something takes.
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Bytes of physical memory that a process holds now. */
export function resident(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(told(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** Milliseconds of the processors that a process has had with its spawner, by all of their threads that live: finer than its ticks. */
export function processorTime(pid: number | undefined): number {
  const threads = [pid, ...children(pid).filter(isSpawner)].flatMap((each) =>
    listed(`/proc/${each}/task`).map((id) => `/proc/${each}/task/${id}`),
  );
  const nanoseconds = threads.map((thread) => Number(told(`${thread}/schedstat`).split(" ")[0] ?? 0));
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

export interface Holdings {
  readonly files: number;
  readonly threads: number;
  /** Processes below it but its spawner. */
  readonly children: number;
}

export function holdings(pid: number | undefined): Holdings {
  const threads = listed(`/proc/${pid}/task`);
  return { files: listed(`/proc/${pid}/fd`).length, threads: threads.length, children: programs(pid).length };
}

function programs(pid: number | undefined): number[] {
  return pid === undefined ? [] : descendants(pid).filter((each) => !isSpawner(each));
}

function isSpawner(pid: number): boolean {
  return told(`/proc/${pid}/comm`).startsWith("mcpfier-spawner");
}

/** The children of a process, theirs, and so on. */
export function descendants(pid: number): number[] {
  const found = children(pid);
  // What is put behind is looked at in its turn.
  for (const child of found) found.push(...children(child));
  return found;
}

function children(pid: number | undefined): number[] {
  const threads = listed(`/proc/${pid}/task`);
  return threads.flatMap((thread) =>
    told(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number),
  );
}

/** Runs Node to its end; its largest resident size in bytes. */
export function runToEnd(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, resident(child.pid))), 20);
  return new Promise((resolve) => {
    child.once("close", () => {
      clearInterval(watch);
      resolve(peak);
    });
  });
}

function told(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
