import { setDeadline } from "./base/deadline.ts";
import type { Command } from "./command/command.ts";
import { type Job, type TaskLife, createJob, soFar } from "./job.ts";
import { type Unhurried, createPatience } from "./patience.ts";
import type { Outcome } from "./pipeline/call.ts";
import { type Watch, type Watcher, createRelay } from "./pipeline/relay.ts";

/**
 * The jobs that run, and the newest hundred of those that ended: for an hour, or as long as a task lives. Of tasks that ended within
 * the last minute there may be a thousand: their clients have not asked yet.
 */
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
  /** How long it lives as a task when it is handed off; null: it is to be a job of its caller's alone. */
  readonly ttlMs: number | null;
  run(signal: AbortSignal, watch: Watch, unhurried: Unhurried): Promise<Outcome>;
}

export interface JobRoom extends Jobs {
  /** Runs a call and gives its outcome, or `handed_off` when that does not come in time. */
  attend(call: Attended): Promise<Outcome>;
}

const KEPT_MS = 3_600_000;
const KEPT = 100;
const ASKED_MS = 60_000;
const MOST = 1000;

/** Calls are cancelled by `shutdown`, and none becomes a job after it. */
export function createJobs(shutdown: AbortSignal): JobRoom {
  const kept = createKept();
  /** Of the calls that run. A signal of both for each call would leave its traces at that of the shutdown until they are collected. */
  const stops = new Set<AbortController>();
  const stopAll = (): void => stops.forEach((stop) => stop.abort(shutdown.reason));
  shutdown.addEventListener("abort", stopAll, { once: true });

  function attend(call: Attended): Promise<Outcome> {
    const { callId, command, watcher, signal: caller, handoffMs, ttlMs, run } = call;
    const stop = new AbortController();
    const { signal } = stop;
    const cancel = (): void => stop.abort();
    stops.add(stop);
    if (shutdown.aborted) stop.abort(shutdown.reason);
    const relay = createRelay();
    const detach = relay.attach(watcher);
    caller?.addEventListener("abort", cancel, { once: true });
    if (caller?.aborted) cancel();
    const going = { callId, command, relay, began: performance.now() };
    const patience = createPatience(handoffMs);
    const end = run(signal, relay.watch, patience.unhurried);
    return new Promise((resolve, reject) => {
      patience.begin(handOff);
      end.then(leave, leave);
      end.then(resolve, reject);

      function handOff(): void {
        // Stopped already: its end is near, and is the answer that is due.
        if (signal.aborted) return;
        release();
        const task = ttlMs === null ? null : { createdAt: Date.now(), ttlMs };
        kept.keep(createJob({ going, task, end, cancel }));
        resolve(soFar(going));
      }

      function leave(): void {
        stops.delete(stop);
        release();
      }

      function release(): void {
        patience.end();
        caller?.removeEventListener("abort", cancel);
        detach();
      }
    });
  }

  return { attend, find: kept.find, list: kept.list };
}

function createKept(): Jobs & { keep(job: Job): void } {
  const running = new Map<string, Job>();
  /** In the order in which they ended. */
  const ended = new Map<string, Ended>();

  function keep(job: Job): void {
    const { task } = job;
    const created = performance.now();
    const spare = task ? setDeadline(task.ttlMs, expire) : undefined;
    const settle = (): void => {
      spare?.();
      const now = performance.now();
      const times = task
        ? { until: created + task.ttlMs, atLeast: now + ASKED_MS }
        : { until: now + KEPT_MS, atLeast: now };
      // Whose life is over was forgotten before it ended.
      if (running.delete(job.id)) ended.set(job.id, { job, ...times });
      forget();
    };
    running.set(job.id, job);
    job.end.then(settle, settle);

    function expire(): void {
      running.delete(job.id);
      void job.cancel();
    }
  }

  function forget(): void {
    if (ended.size === 0) return;
    const now = performance.now();
    for (const [id, { until, atLeast }] of ended)
      if (now >= until || ended.size > MOST || (ended.size > KEPT && now >= atLeast)) ended.delete(id);
  }

  function find(id: string): Job | undefined {
    forget();
    return running.get(id) ?? ended.get(id)?.job;
  }

  function list(): readonly Job[] {
    forget();
    return [...running.values(), ...[...ended.values()].map(({ job }) => job)];
  }

  return { keep, find, list };
}

/** Times of `performance.now()`. */
interface Ended {
  readonly job: Job;
  /** When it is forgotten. */
  readonly until: number;
  /** Until when younger ones take no place of it. */
  readonly atLeast: number;
}

/** Bounds of a task's life: what was asked for may be shorter, but not so short that nobody could ask for the task. */
const SHORTEST_MS = 1000;
const LONGEST_MS = 86_400_000;

/** How long a task lives: as asked for, at most a day, or as long as its command may run and an hour; that where nothing was. */
export function ttlOf({ timeoutMs }: Command, asked: number | undefined): TaskLife["ttlMs"] {
  const longest = Math.max(LONGEST_MS, timeoutMs + KEPT_MS);
  return Math.ceil(Math.min(Math.max(asked ?? longest, SHORTEST_MS), longest));
}
