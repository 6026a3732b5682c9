import { log } from "../../base/log.ts";
import type { Daemon } from "../../containers/daemon.ts";
import { EngineFault } from "../../containers/fault.ts";
import { CALL } from "./labels.ts";
import { noteAnswer, noteSilence } from "./silence.ts";

export interface Janitor {
  /** Removes a container, now or as soon as its engine answers again. */
  remove(daemon: Daemon, id: string): void;
  /** Something else that has to be done before the end; it does not reject. */
  attend(task: Promise<void>): void;
  /** Removes what an engine may have created for a call without our hearing of it, or may yet create. */
  removeOf(daemon: Daemon, callId: string): void;
  /** Resolves when all are gone, or after a moment; those of an engine that is down stay for the next start. */
  close(): Promise<void>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;
/** How long a shutdown waits. */
const PATIENCE_MS = 3000;
/** How often, and how long apart, an engine that answers says that it has nothing of a call before that is believed. */
const LOOKS = 5;
const LOOK_PAUSE_MS = 2000;

export function createJanitor(): Janitor {
  const closing = new AbortController();
  const tasks = new Set<Promise<void>>();

  /** Does something until the engine lets it; undefined: it was given up at the end. */
  async function insist<T>(daemon: Daemon, what: object, work: () => Promise<T>): Promise<T | undefined> {
    let isTold = false;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        const done = await work();
        noteAnswer(daemon);
        return done;
      } catch (error) {
        if (!isDenied(error)) noteSilence(daemon, error);
        else if (!isTold) log.warn({ engine: daemon.name, ...what, error }, "a container could not be removed yet");
        isTold ||= isDenied(error);
      }
      if (closing.signal.aborted) return undefined;
      await pauseFor(pause, closing.signal);
    }
  }

  function attend(task: Promise<void>): void {
    const done = task.finally(() => tasks.delete(done));
    tasks.add(done);
  }

  async function finish(): Promise<void> {
    while (tasks.size > 0) await Promise.all(tasks);
  }

  function remove(daemon: Daemon, id: string): void {
    attend(insist(daemon, { container: id }, () => daemon.remove(id)));
  }

  function removeOf(daemon: Daemon, callId: string): void {
    attend(lookFor(daemon, callId));
  }

  async function lookFor(daemon: Daemon, callId: string): Promise<void> {
    for (let looks = 0; looks < LOOKS; looks++) {
      const removed = await insist(daemon, { callId }, async () => {
        const found = await daemon.list([`${CALL}=${callId}`]);
        await Promise.all(found.map(({ id }) => daemon.remove(id)));
        return found.length;
      });
      if (removed !== 0 || closing.signal.aborted) return;
      await pauseFor(LOOK_PAUSE_MS, closing.signal);
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, PATIENCE_MS);
    await Promise.race([finish(), patience.promise]);
    clearTimeout(timer);
  }
  return { remove, removeOf, attend, close };
}

function isDenied(error: unknown): boolean {
  return error instanceof EngineFault && error.kind === "denied";
}

/** Does not keep the process alive; ends early at the signal. */
function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms).unref();
    signal.addEventListener("abort", end, { once: true });

    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    }
  });
}
