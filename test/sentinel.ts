import { existsSync, readFileSync, readdirSync } from "node:fs";
import { afterEach, beforeEach } from "vitest";
import { cleanUp, poll } from "./rig.ts";

/** After each test nothing may be left: no child process, no open file. */
let before = new Set<string>();
let handles = 0;

beforeEach(() => {
  before = children();
  handles = openFiles();
});

afterEach(async () => {
  await cleanUp();
  await poll(
    () => [...children()].every((pid) => before.has(pid)),
    () =>
      `processes left behind: ${[...children()]
        .filter((pid) => !before.has(pid))
        .map(commandLine)
        .join("; ")}`,
  );
  await poll(
    () => openFiles() <= handles + 4,
    () => `file handles left open: ${openFiles()} after ${handles}`,
  );
});

/** Processes below this one, however deep. */
function children(): Set<string> {
  const found = new Set<string>();
  const visit = (pid: string): void => {
    const file = `/proc/${pid}/task/${pid}/children`;
    if (!existsSync(file)) return;
    for (const child of readFileSync(file, "utf8").trim().split(" ").filter(Boolean)) {
      found.add(child);
      visit(child);
    }
  };
  visit(String(process.pid));
  return found;
}

function openFiles(): number {
  return existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0;
}

function commandLine(pid: string): string {
  try {
    return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`;
  } catch {
    return pid;
  }
}
