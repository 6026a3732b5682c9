import { closeSync, constants } from "node:fs";
import { system, systemFault } from "./system.ts";

/** The server's ends of a program's pipes: file descriptors, or their numbers in another process; null: there is none. */
export interface PipeEnds {
  readonly stdin: number | null;
  readonly stdout: number;
  readonly stderr: number;
}

/** File descriptors that are left to the rest of the server: for what it loads late, say. */
const SPARE = 16;
let most: number | undefined;

/** Opens the ends that another process has made, by the names that they have there; all of them, or throws and leaves none. */
export function openEnds(pid: number, { stdin, stdout, stderr }: PipeEnds): PipeEnds {
  const opened: number[] = [];
  const open = (number: number, flag: number): number => {
    const fd = system.openSync(`/proc/${pid}/fd/${number}`, flag | constants.O_NONBLOCK);
    opened.push(fd);
    // Each is the lowest that is free.
    if (fd >= (most ??= readMost()) - SPARE) throw systemFault("EMFILE");
    return fd;
  };
  try {
    return {
      stdin: stdin === null ? null : open(stdin, constants.O_WRONLY),
      stdout: open(stdout, constants.O_RDONLY),
      stderr: open(stderr, constants.O_RDONLY),
    };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  }
}

export function closeEnds({ stdin, stdout, stderr }: PipeEnds): void {
  for (const fd of [stdin, stdout, stderr]) if (fd !== null) closeSync(fd);
}

/** How many file descriptors this process may have. */
function readMost(): number {
  const found = /^Max open files +(\d+)/m.exec(system.readFileSync("/proc/self/limits", "latin1"))?.[1];
  return found === undefined ? Number.POSITIVE_INFINITY : Number(found);
}
