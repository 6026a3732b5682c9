import { log } from "../../base/log.ts";
import type { Daemon } from "../../containers/daemon.ts";

export interface Janitor {
  /** Removes a container, now or as soon as its engine answers again. */
  remove(daemon: Daemon, id: string): void;
  /** Something else that has to be done before the end; it does not reject. */
  attend(task: Promise<void>): void;
  /** Resolves when all are gone, or after a moment; those of an engine that is down stay for the next start. */
  close(): Promise<void>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** How long a shutdown waits. */
const PATIENCE_MS = 3000;

export function createJanitor(): Janitor {
  const closing = new AbortController();
  const tasks = new Set<Promise<void>>();

  async function removeAtLast(daemon: Daemon, id: string): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await daemon.remove(id);
      } catch (error) {
        log.warn({ engine: daemon.name, container: id, error }, "a container could not be removed yet");
      }
      if (closing.signal.aborted) return;
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

  async function close(): Promise<void> {
    closing.abort();
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, PATIENCE_MS);
    await Promise.race([finish(), patience.promise]);
    clearTimeout(timer);
  }
  return { remove: (daemon, id) => attend(removeAtLast(daemon, id)), attend, close };
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
