import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/** What a program prints, told by `data` alone. A chunk is the listener's until it returns, or until it resumes what it has paused. */
export type Output = Pick<Readable, "on" | "once" | "pause" | "resume" | "isPaused" | "destroy" | "errored">;

/** A program of this machine that was started, by whichever process. */
export interface Child {
  /** The leader of a process group of its own. */
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Output | null;
  readonly stderr: Output | null;
  /**
   * Tells once of its end. Its number is nobody else's until that has been told. Neither a code nor a signal: the process that could have
   * seen its end has gone.
   */
  onExit(told: (exitCode: number | null, signal: NodeJS.Signals | null) => void): void;
}

/** A child of this process. */
export function ownChild(child: ChildProcess & { readonly pid: number }): Child {
  const { pid, stdin, stdout, stderr } = child;
  return { pid, stdin, stdout, stderr, onExit: (told) => void child.once("exit", told) };
}
