import type { Command } from "./command/command.ts";
import type { HandedOff, Outcome } from "./pipeline/call.ts";
import type { Cleaner } from "./pipeline/cleaner.ts";
import { excerpt } from "./pipeline/excerpt.ts";
import { describeBytes } from "./pipeline/formats/media.ts";
import { isReadable, wordsOf } from "./pipeline/readable.ts";
import type { Printed, Relay, Watcher } from "./pipeline/relay.ts";
import { NOT_SHOWN } from "./pipeline/shown.ts";

/** A call that went on after its caller was answered. */
export interface Job {
  /** The id of the call. */
  readonly id: string;
  /** As it was when the call began. */
  readonly command: Command;
  /** As which it may be asked for by whoever knows its id, from any connection; null: it is its caller's alone. */
  readonly task: TaskLife | null;
  hasEnded(): boolean;
  /** How it ends. */
  readonly end: Promise<Outcome>;
  /** What it does now, in words that "for 10 s" can follow. */
  doing(): string;
  /** The output so far, or all that was kept of it. */
  printed(): Printed;
  /** Makes it readable. */
  readonly clean: Cleaner;
  /** Tells a watcher of what comes from now on; the answer detaches it. */
  watch(watcher: Watcher): () => void;
  /** How it ended; or, after `ms` or when the signal aborts, how far it is, as `handed_off`. */
  wait(ms: number, signal: AbortSignal): Promise<Outcome>;
  /** Stops it, if it still runs, and gives how it ended. */
  cancel(): Promise<Outcome>;
}

/** The life of a job that outlasts the connection of its caller. */
export interface TaskLife {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** How long it is from then on; at its end the job is stopped and forgotten. */
  readonly ttlMs: number;
}

/** A call that runs, and since when. */
export interface Going {
  readonly callId: string;
  readonly command: Command;
  readonly relay: Relay;
  readonly began: number;
}

export interface Held {
  readonly going: Going;
  readonly task: TaskLife | null;
  readonly end: Promise<Outcome>;
  cancel(): void;
}

export function createJob({ going, task, end, cancel }: Held): Job {
  const { callId: id, command, relay } = going;
  let isOver = false;
  const settle = (): void => void (isOver = true);
  end.then(settle, settle);
  end.then(
    (outcome) => "executor" in outcome && relay.end({ stdout: outcome.stdout, stderr: outcome.stderr }),
    () => undefined,
  );

  async function wait(ms: number, signal: AbortSignal): Promise<Outcome> {
    const enough = Promise.withResolvers<null>();
    const giveUp = (): void => enough.resolve(null);
    const timer = setTimeout(giveUp, ms);
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      return (await Promise.race([end, enough.promise])) ?? soFar(going);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }

  function stop(): Promise<Outcome> {
    cancel();
    return end;
  }

  return {
    id,
    command,
    task,
    hasEnded: () => isOver,
    end,
    doing: relay.doing,
    printed: relay.printed,
    clean: relay.clean,
    watch: relay.attach,
    wait,
    cancel: stop,
  };
}

/** What the caller of a call that goes on is told of it. */
export function soFar({ callId, command, relay, began }: Going): HandedOff {
  const elapsed = performance.now() - began;
  const { stdout, stderr } = relay.printed();
  const most = wordsOf(command.output, command.output.maxBytes);
  const { clean } = relay;
  const how = { clean, hint: `read them by mcpfier_job_read with job "${callId}"` };
  const err = excerpt(stderr, stdout.bytes === 0 ? most : Math.floor(most / 2), how);
  const out = isReadable(command.output, stdout)
    ? excerpt(stdout, most - err.bytes, how)
    : { text: `(${describeBytes({ stdout, clean })})`, bytes: 0 };
  const parts = [
    `still ${relay.doing()} after ${(elapsed / 1000).toFixed(1)} s: it goes on as job ${callId}`,
    `To wait for its end, call mcpfier_job_wait with {"job": "${callId}"}; mcpfier_job_read reads its output, mcpfier_job_cancel stops it.`,
    stdout.bytes + stderr.bytes === 0 ? "It printed nothing so far." : "",
    err.text === "" ? "" : `stderr so far:\n${err.text}`,
    out.text === "" ? "" : `stdout so far:\n${out.text}`,
  ];
  const text = parts
    .filter((part) => part !== "")
    .map((part) => part.replace(/\n+$/, ""))
    .join("\n\n");
  return {
    kind: "handed_off",
    callId,
    tool: command.name,
    durationMs: Math.round(elapsed),
    stdout,
    stderr,
    shown: { ...NOT_SHOWN, text, bytes: err.bytes + out.bytes },
  };
}
