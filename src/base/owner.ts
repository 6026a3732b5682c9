import { readFileSync, readlinkSync } from "node:fs";

const NOWHERE = "0";
let own: string | undefined;

/** Names this process, `<pid>-<start time>-<pid namespace>`, so that another one can tell later whether it still runs. */
export function ownerId(): string {
  own ??= [process.pid, startTime(process.pid) ?? NOWHERE, namespace()].join("-");
  return own;
}

/** Whether the process of an owner id is certainly gone. One of another pid namespace cannot be seen from here. */
export function isDead(owner: string): boolean {
  const [, pid = "", start, where] = /^(\d+)-(\d+)-(\d+)$/.exec(owner) ?? [];
  if (pid === "" || where !== namespace()) return false;
  if (where !== NOWHERE) return startTime(Number(pid)) !== start;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Whether it names a process of another pid namespace, of which nothing can be told from here. */
export function isForeign(owner: string): boolean {
  return owner.split("-")[2] !== namespace();
}

/** When a process started, in ticks since the boot; undefined when there is none. A number that is used again starts later. */
export function startTime(pid: number): string | undefined {
  try {
    // The name of the program stands in parentheses and may hold anything; the start time is the 20th field after it (proc(5)).
    return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ")[19];
  } catch {
    return undefined;
  }
}

function namespace(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? NOWHERE;
  } catch {
    return NOWHERE;
  }
}
