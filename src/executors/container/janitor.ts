import { log } from "../../base/log.ts";
import type { Daemon } from "../../containers/daemon.ts";
import { EngineFault } from "../../containers/fault.ts";
import { CALL } from "./labels.ts";
import { noteAnswer, noteSilence } from "./silence.ts";

export interface Janitor {
  /**
   * Removes a container, now or as soon as its engine answers again. Resolves when it has gone; also when its engine does not answer,
   * which may be so for hours, or never lets it go.
   */
  remove(daemon: Daemon, id: string): Promise<void>;
  /** Something else that has to be done before the end; it does not reject. */
  attend(task: Promise<void>): void;
  /** Removes what an engine may have created for a call without our hearing of it, or may yet create. */
  removeOf(daemon: Daemon, callId: string): void;
  /** Resolves when all are gone, or after a moment; those of an engine that is down stay for the next start. */
  close(): Promise<void>;
}

/** How long it waits before it tries again: from one pause to the other, each twice the one before. */
interface Pauses {
  readonly firstMs: number;
  readonly longestMs: number;
}

const PAUSES: Pauses = { firstMs: 500, longestMs: 5000 };
/** How often an engine may say no: over half a minute. */
const MOST_DENIALS = 10;
/** How long a shutdown waits. */
const PATIENCE_MS = 3000;
/** How often, and how long apart, an engine that answers says that it has nothing of a call before that is believed. */
const LOOKS = 5;
const LOOK_PAUSE_MS = 2000;

export function createJanitor(pauses: Pauses = PAUSES): Janitor {
  const closing = new AbortController();
  const insist = insisting(pauses, closing.signal);
  const tasks = new Set<Promise<void>>();

  function attend(task: Promise<void>): void {
    const done = task.finally(() => tasks.delete(done));
    tasks.add(done);
  }

  async function finish(): Promise<void> {
    while (tasks.size > 0) await Promise.all(tasks);
  }

  function remove(daemon: Daemon, id: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    attend(insist({ daemon, container: id, silent: resolve }, () => daemon.remove(id)).then(resolve));
    return promise;
  }

  function removeOf(daemon: Daemon, callId: string): void {
    attend(lookFor(daemon, callId));
  }

  async function lookFor(daemon: Daemon, callId: string): Promise<void> {
    for (let looks = 0; looks < LOOKS; looks++) {
      const removed = await insist({ daemon, callId }, async () => {
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

/** What is to be done, in the words of the log. */
interface Chore {
  readonly daemon: Daemon;
  readonly container?: string;
  readonly callId?: string;
  /** Called when the engine does not answer. */
  readonly silent?: () => void;
}

type Insist = <T>(chore: Chore, work: () => Promise<T>) => Promise<T | undefined>;

/** Does something until the engine lets it; undefined: it was given up. */
function insisting({ firstMs, longestMs }: Pauses, signal: AbortSignal): Insist {
  return async ({ daemon, silent = () => undefined, ...what }: Chore, work) => {
    let denials = 0;
    for (let pause = firstMs; ; pause = Math.min(pause * 2, longestMs)) {
      try {
        const done = await work();
        noteAnswer(daemon);
        return done;
      } catch (error) {
        if (isDenied(error)) denials += 1;
        else {
          noteSilence(daemon, error, what.callId);
          silent();
        }
        if (denials === MOST_DENIALS) {
          log.error(
            { engine: daemon.name, ...what, error },
            "a container could not be removed, and is left; remove it",
          );
          return undefined;
        }
      }
      if (signal.aborted) return undefined;
      await pauseFor(pause, signal);
    }
  };
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
