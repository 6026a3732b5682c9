// What calls left on the machine, seen from outside of every namespace: by a word in the command line, never by a number that
// the command itself printed.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd, poll } from "../rig.ts";

export interface Survivor {
  readonly pid: number;
  readonly line: string;
}

/** Processes that run and have a word in their command line; one that is there only to be collected does not run. */
export function alive(word: string): readonly Survivor[] {
  return readdirSync("/proc")
    .map(Number)
    .filter(Number.isSafeInteger)
    .map((pid) => ({ pid, line: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ") }))
    .filter(({ pid, line }) => line.includes(word) && /\) [^ZX] /.test(read(`/proc/${pid}/stat`)));
}

/** A word that no other process on the machine has; what has it is killed after the test, whatever comes. */
export function freshWord(): string {
  const word = `word-${crypto.randomUUID()}`;
  atEnd(() => killAll(word));
  return word;
}

export function killAll(word: string): void {
  for (const { pid } of alive(word)) kill(pid);
}

/** Waits until no process has a word but those that are expected to. */
export async function gone(word: string, but: readonly string[] = []): Promise<void> {
  const kinds = (): readonly string[] => alive(word).map(({ line }) => line.trim().replace(/^.*-/s, ""));
  await poll(
    () => kinds().toSorted().join() === but.toSorted().join(),
    () =>
      `left of ${word}: ${alive(word)
        .map(({ pid, line }) => `${pid} ${line.slice(0, 300)}`)
        .join("\n")}`,
  );
}

/** Processes that a process has started, or has to collect. */
export function childrenOf(pid: number): readonly number[] {
  return read(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(Number);
}

/** The one that starts programs for a server. */
export function spawnerOf(server: number): number {
  const found = childrenOf(server).filter((pid) => read(`/proc/${pid}/comm`).startsWith("mcpfier-spawner"));
  if (found.length !== 1) throw new Error(`expected one spawner of ${server}, came ${found.length}`);
  return found[0] ?? 0;
}

/** Folders of a call, private ones and control groups; each bears its id. */
export function foldersOf(callIds: ReadonlySet<string>): readonly string[] {
  const bears = (name: string): boolean => name.startsWith("mcpfier-") && callIds.has(name.slice(-36));
  const private_ = readdirSync(tmpdir()).filter(bears);
  return [...private_, ...controlGroups().filter((path) => bears(path.split("/").at(-1) ?? ""))];
}

/** Every control group of the machine. */
export function controlGroups(folder = "/sys/fs/cgroup"): readonly string[] {
  if (!existsSync(folder)) return [];
  const below = foldersIn(folder).map((name) => join(folder, name));
  return below.concat(below.flatMap((path) => controlGroups(path)));
}

function foldersIn(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has gone meanwhile.
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
