import { uptime } from "node:os";

/** How late a deadline may be heard of after the machine has slept. */
const LOOK_MS = 1000;

/**
 * Calls back once after some milliseconds; the answer takes that back. Time in which the machine slept counts, for which timers
 * stand still; a change of the wall clock does not.
 */
export function setDeadline(ms: number, callback: () => void): () => void {
  const started = performance.now();
  const booted = uptime();
  let timer: NodeJS.Timeout;

  function look(): void {
    // The uptime is told in whole seconds on some systems.
    const elapsed = Math.max(performance.now() - started, (uptime() - booted - 1) * 1000);
    if (elapsed >= ms) callback();
    else timer = setTimeout(look, Math.min(Math.ceil(ms - elapsed), LOOK_MS));
  }

  timer = setTimeout(look, Math.min(ms, LOOK_MS));
  return () => clearTimeout(timer);
}
