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
  if (where !== NOWHERE) return isGone(Number(pid), start ?? "");
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** One that has ended, and that its parent has not collected yet, is gone. */
function isGone(pid: number, start: string): boolean {
  const fields = fieldsOf(pid);
  return fields?.[19] !== start || fields[0] === "Z" || fields[0] === "X";
}

const PREFIX = "mcpfier-";

/** A name for something of this process that stands among those of others, such as a folder. */
export function ownedName(what: string): string {
  return `${PREFIX}${ownerId()}-${what}`;
}

/** Whether an `ownedName` is that of a process that is certainly gone. */
export function isLeft(name: string): boolean {
  return name.startsWith(PREFIX) && isDead(name.slice(PREFIX.length).split("-", 3).join("-"));
}

/** Whether it names a process of another pid namespace, of which nothing can be told from here. */
export function isForeign(owner: string): boolean {
  return owner.split("-")[2] !== namespace();
}

/** When a process started, in ticks since the boot; undefined when there is none. A number that is used again starts later. */
export function startTime(pid: number): string | undefined {
  return fieldsOf(pid)?.[19];
}

/** What `/proc/<pid>/stat` tells from the third field on, the state of the process (proc(5)). */
function fieldsOf(pid: number): readonly string[] | undefined {
  try {
    // The name of the program stands in parentheses before it, and may hold anything.
    return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ");
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
