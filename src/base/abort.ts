/** Waits for something until a signal has been aborted, and so many milliseconds more. Undefined: it was not waited for any longer. */
export function unlessAborted<Value>(
  waited: Promise<Value>,
  signal: AbortSignal,
  graceMs = 0,
): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const leave = (): void => resolve(undefined);
    const abort = (): void => {
      if (graceMs > 0) timer = setTimeout(leave, graceMs);
      else leave();
    };
    const forget = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    };
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    waited.then(resolve, reject).finally(forget);
  });
}
