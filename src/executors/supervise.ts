import { constants } from "node:os";
import { setDeadline } from "../base/deadline.ts";
import type { Child } from "./child.ts";
import type { CallIO, Ending } from "./executor.ts";
import { type Pump, pump } from "./pump.ts";
import { watchSilence } from "./silence.ts";
import { sweepWaiting } from "./sweep.ts";
import type { Tree } from "./tree.ts";

const GRACE_MS = 2000;
const SHUTDOWN_GRACE_MS = 1000;
/** After how long a killed process that does not end is given up: it hangs in the kernel. */
const UNKILLABLE_MS = 5000;
/** How long a pipe may stay open after the program's end before those who hold it are looked for. */
const HELD_MS = 25;

/** A program that runs, wherever that is. */
export interface Running {
  /** Tells once of its end, at once; without a code when that could not be seen. */
  onExit(told: (exitCode: number | null, signal: NodeJS.Signals | null) => void): void;
  /** Begins to pass its output on. */
  pump(sinks: Pick<CallIO, "stdout" | "stderr">): readonly Pump[];
}

/** A process of this machine. */
export function runningChild({ onExit, stdout, stderr }: Pick<Child, "onExit" | "stdout" | "stderr">): Running {
  return { onExit, pump: (sinks) => [pump(stdout, sinks.stdout), pump(stderr, sinks.stderr)] };
}

export interface Supervised extends Omit<CallIO, "doing" | "learn"> {
  readonly program: Running;
  readonly tree: Tree;
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number | null;
  /** Turns the exit code that we saw into the program's own end. */
  readonly endOf: (exitCode: number | null, signal: NodeJS.Signals | null) => Pick<Ending, "exitCode" | "signal">;
}

/** How the process ended; limits are not its business. */
export type Supervision = Omit<Ending, "limit" | "loose" | "lost">;

/**
 * Waits for a program. At the timeout, after too long a silence or at the signal its tree gets SIGTERM and, after a grace,
 * SIGKILL. It settles on the exit plus 500 ms at most in which its output could flow, never on the end of the pipes: a grandchild may
 * hold those for ever. What is left of the tree when the program has ended is killed.
 */
export function superviseProcess({
  program,
  tree,
  timeoutMs,
  idleTimeoutMs,
  signal,
  endOf,
  ...sinks
}: Supervised): Promise<Supervision> {
  return new Promise((resolve) => {
    let stopped: Ending["stopped"] = null;
    let isKilled = false;
    let killTimer: NodeJS.Timeout | undefined;
    let lostTimer: NodeJS.Timeout | undefined;
    const gone = Promise.withResolvers<void>();
    const silence = watchSilence(idleTimeoutMs, () => stop("idle"));
    const outputs = program.pump({ stdout: silence.heard(sinks.stdout), stderr: silence.heard(sinks.stderr) });
    const forget = setDeadline(timeoutMs, () => stop("timeout"));
    const cancel = (): void => stop("cancel");
    living.add(tree);
    hookExit();

    function stop(why: NonNullable<Ending["stopped"]>): void {
      if (stopped !== null) return;
      stopped = why;
      silence.end();
      const grace = signal.reason === "shutdown" ? SHUTDOWN_GRACE_MS : GRACE_MS;
      killTimer = setTimeout(kill, tree.ask() ? grace : 0);
    }

    function kill(): void {
      isKilled = true;
      tree.kill();
      lostTimer = setTimeout(lose, UNKILLABLE_MS);
    }

    function lose(): void {
      tree.kill();
      resolve({ exitCode: null, signal: null, stopped, incomplete: true, remains: gone.promise });
    }

    async function end(exitCode: number | null, exitSignal: NodeJS.Signals | null): Promise<void> {
      forget();
      silence.end();
      clearTimeout(killTimer);
      clearTimeout(lostTimer);
      signal.removeEventListener("abort", cancel);
      // In the very tick of the exit: later the number could be another's.
      tree.reap();
      living.delete(tree);
      const drained = Promise.all(outputs.map((output) => output.drained(stopped !== null)));
      const isHeld = !(await Promise.race([drained, patience()]));
      tree.sweep(isHeld || stopped !== null);
      const whole = await drained;
      // What stands before the program may tell of a death that it did not die itself in words of its own.
      const told = isKilled ? ownEnd(null, "SIGKILL") : endOf(exitCode, exitSignal);
      resolve({ ...told, stopped, incomplete: whole.includes(false), remains: null });
      gone.resolve();
    }

    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    // The last: the end may be known already, and undoes the rest.
    program.onExit((exitCode, exitSignal) => void end(exitCode, exitSignal));
  });
}

function patience(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(resolve, HELD_MS, false).unref();
  });
}

/** The end of a process as a shell tells it. */
export function ownEnd(exitCode: number | null, signal: NodeJS.Signals | null): Pick<Ending, "exitCode" | "signal"> {
  return { exitCode: signal === null ? exitCode : 128 + constants.signals[signal], signal };
}

/** Those that end programs; 129 and 130 are often exit codes that mean something else. */
const DEADLY = [
  "SIGQUIT",
  "SIGILL",
  "SIGTRAP",
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGKILL",
  "SIGSEGV",
  "SIGPIPE",
  "SIGALRM",
  "SIGTERM",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGSYS",
] as const;

/** The end of a process that another one reports by its own exit code, where a signal is 128 + its number. */
export function reportedEnd(
  exitCode: number | null,
  signal: NodeJS.Signals | null,
): Pick<Ending, "exitCode" | "signal"> {
  if (signal !== null || exitCode === null) return ownEnd(exitCode, signal);
  return { exitCode, signal: DEADLY.find((name) => 128 + constants.signals[name] === exitCode) ?? null };
}

/** Trees that live; killed at once when this process exits without having waited for them. */
const living = new Set<Tree>();
let hooked = false;

function hookExit(): void {
  if (hooked) return;
  hooked = true;
  process.once("exit", () => {
    for (const tree of living) tree.kill();
    sweepWaiting();
  });
}
