import { readFileSync, readlinkSync } from "node:fs";

let own: string | undefined;

/** This process, told apart from every other that had or will have its number: `pid-starttime-pidns`. */
export function ownerId(): string {
  own ??= `${process.pid}-${startTimeOf(process.pid) ?? 0}-${namespace()}`;
  return own;
}

/** Whether the process of an `ownerId` has surely ended; of one in another pid namespace that cannot be said. */
export function isDead(owner: string): boolean {
  const [pid = Number.NaN, started, itsNamespace] = owner.split("-").map(Number);
  if (!(pid > 0) || itsNamespace !== namespace()) return false;
  if (started !== 0) return startTimeOf(pid) !== started;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** In clock ticks since the machine started; undefined where there is no such process, or no /proc. */
function startTimeOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name of the program, in parentheses, may hold anything.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  } catch {
    return undefined;
  }
}

function namespace(): number {
  try {
    return Number(/\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? 0);
  } catch {
    return 0;
  }
}
