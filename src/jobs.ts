import type { Command } from "./command/command.ts";
import type { HandedOff, Outcome } from "./pipeline/call.ts";
import type { Cleaner } from "./pipeline/cleaner.ts";
import { excerpt } from "./pipeline/excerpt.ts";
import { describeBytes } from "./pipeline/formats/media.ts";
import { isReadable, wordsOf } from "./pipeline/readable.ts";
import { NOT_SHOWN } from "./pipeline/shown.ts";
import { type Printed, type Relay, type Watch, type Watcher, createRelay } from "./pipeline/relay.ts";

/** A call that went on after its caller was answered. */
export interface Job {
  /** The id of the call. */
  readonly id: string;
  /** As it was when the call began. */
  readonly command: Command;
  hasEnded(): boolean;
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

/** The jobs that run, and those that ended within the last hour, the newest hundred of them. */
export interface Jobs {
  find(id: string): Job | undefined;
  list(): readonly Job[];
}

/** A call, and who waits for it. */
export interface Attended {
  readonly callId: string;
  readonly command: Command;
  readonly watcher: Watcher;
  /** Cancels the call, until it is handed off. */
  readonly signal: AbortSignal | undefined;
  /** How long its caller waits; null: until it has ended. */
  readonly handoffMs: number | null;
  run(signal: AbortSignal, watch: Watch, unhurried: Unhurried): Promise<Outcome>;
}

/** Waits for something for which the call cannot be blamed: `handoffMs` counts from its end on. */
export type Unhurried = <T>(waited: Promise<T>) => Promise<T>;

export interface JobRoom extends Jobs {
  /** Runs a call and gives its outcome, or `handed_off` when that does not come in time. */
  attend(call: Attended): Promise<Outcome>;
}

const KEPT_MS = 3_600_000;
const KEPT = 100;

/** Calls are cancelled by `shutdown`, and none becomes a job after it. */
export function createJobs(shutdown: AbortSignal): JobRoom {
  const running = new Map<string, Job>();
  /** In the order in which they ended. */
  const ended = new Map<string, { readonly job: Job; readonly at: number }>();

  function attend({ callId, command, watcher, signal: caller, handoffMs, run }: Attended): Promise<Outcome> {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, shutdown]);
    const cancel = (): void => stop.abort();
    const relay = createRelay();
    const detach = relay.attach(watcher);
    caller?.addEventListener("abort", cancel, { once: true });
    if (caller?.aborted) cancel();
    const going = { callId, command, relay, began: performance.now() };
    const patience = createPatience(handoffMs);
    const end = run(signal, relay.watch, patience.unhurried);
    return new Promise((resolve, reject) => {
      patience.begin(handOff);
      end.finally(release).then(resolve, reject);

      function handOff(): void {
        // Stopped already: its end is near, and is the answer that is due.
        if (signal.aborted) return;
        release();
        keep(createJob({ going, end, cancel }), end);
        resolve(soFar(going));
      }

      function release(): void {
        patience.end();
        caller?.removeEventListener("abort", cancel);
        detach();
      }
    });
  }

  function keep(job: Job, end: Promise<Outcome>): void {
    const settle = (): void => {
      running.delete(job.id);
      ended.set(job.id, { job, at: performance.now() });
      forget();
    };
    running.set(job.id, job);
    end.then(settle, settle);
  }

  function forget(): void {
    for (const [id, { at }] of ended) {
      if (ended.size <= KEPT && performance.now() - at < KEPT_MS) return;
      ended.delete(id);
    }
  }

  function find(id: string): Job | undefined {
    forget();
    return running.get(id) ?? ended.get(id)?.job;
  }

  function list(): readonly Job[] {
    forget();
    return [...running.values(), ...[...ended.values()].map(({ job }) => job)];
  }

  return { attend, find, list };
}

/** Calls back when a caller has waited long enough; null: never. */
function createPatience(ms: number | null): {
  begin(out: () => void): void;
  readonly unhurried: Unhurried;
  end(): void;
} {
  let timer: NodeJS.Timeout | undefined;
  let isOut: (() => void) | undefined;
  const start = (): void => {
    if (isOut && ms !== null) timer = setTimeout(isOut, ms);
  };
  return {
    begin: (out) => {
      isOut = out;
      start();
    },
    unhurried: async (waited) => {
      clearTimeout(timer);
      return waited.finally(start);
    },
    end: () => {
      isOut = undefined;
      clearTimeout(timer);
    },
  };
}

/** A call that runs, and since when. */
interface Going {
  readonly callId: string;
  readonly command: Command;
  readonly relay: Relay;
  readonly began: number;
}

interface Held {
  readonly going: Going;
  readonly end: Promise<Outcome>;
  cancel(): void;
}

function createJob({ going, end, cancel }: Held): Job {
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
    hasEnded: () => isOver,
    printed: relay.printed,
    clean: relay.clean,
    watch: relay.attach,
    wait,
    cancel: stop,
  };
}

/** What the caller of a call that goes on is told of it. */
function soFar({ callId, command, relay, began }: Going): HandedOff {
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
