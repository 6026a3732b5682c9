import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { CallIO, Ending } from "./executor.ts";
import { pump } from "./pump.ts";

const GRACE_MS = 2000;
const SHUTDOWN_GRACE_MS = 1000;

export interface Supervised extends CallIO {
  /** The leader of a process group of its own. */
  readonly process: ChildProcess;
  readonly pid: number;
  readonly timeoutMs: number;
}

/**
 * Waits for a process that was started as the leader of its group. At the timeout or the signal the group gets SIGTERM and,
 * after a grace, SIGKILL. It settles on the exit plus a drain of at most 500 ms, never on the end of the pipes: a grandchild
 * may hold those for ever. What is left of the group when its leader has ended is killed.
 */
export function superviseProcess({
  process: child,
  pid,
  timeoutMs,
  signal,
  stdout,
  stderr,
}: Supervised): Promise<Ending> {
  return new Promise((resolve) => {
    let stopped: Ending["stopped"] = null;
    let killTimer: NodeJS.Timeout | undefined;
    const outputs = [pump(child.stdout, stdout), pump(child.stderr, stderr)];
    const timeout = setTimeout(() => stop("timeout"), timeoutMs);
    const cancel = (): void => stop("cancel");
    living.add(pid);
    hookExit();

    function stop(why: "timeout" | "cancel"): void {
      if (stopped !== null) return;
      stopped = why;
      signalGroup(pid, "SIGTERM");
      killTimer = setTimeout(
        () => signalGroup(pid, "SIGKILL"),
        signal.reason === "shutdown" ? SHUTDOWN_GRACE_MS : GRACE_MS,
      );
    }

    child.once("exit", (exitCode, exitSignal) => {
      clearTimeout(timeout);
      clearTimeout(killTimer);
      signal.removeEventListener("abort", cancel);
      // In the very tick of the exit: later the number could be another's.
      signalGroup(pid, "SIGKILL");
      living.delete(pid);
      const ending = {
        exitCode: exitCode ?? 128 + constants.signals[exitSignal ?? "SIGKILL"],
        signal: exitSignal,
        stopped,
        limit: null,
        remains: null,
      };
      void Promise.all(outputs.map((output) => output.drained(stopped !== null))).then((whole) =>
        resolve({ ...ending, incomplete: whole.includes(false) }),
      );
    });
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
  });
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // The group is gone already.
  }
}

/** Groups that run; killed at once when this process exits without having waited for them. */
const living = new Set<number>();
let hooked = false;

function hookExit(): void {
  if (hooked) return;
  hooked = true;
  process.once("exit", () => {
    for (const pid of living) signalGroup(pid, "SIGKILL");
  });
}
