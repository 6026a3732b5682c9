/** Calls back once, at the earliest time that was asked for since it last did; keeps no process alive. */
export interface Alarm {
  /** In so many milliseconds, or sooner when that was asked for. */
  within(ms: number): void;
  stop(): void;
}

export function createAlarm(callback: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;

  function within(ms: number): void {
    // What `performance` is made of is loaded when it is first asked for, and every start asks for an alarm.
    const at = process.uptime() * 1000 + ms;
    if (at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(ring, ms).unref();
  }

  function ring(): void {
    dueAt = Number.POSITIVE_INFINITY;
    callback();
  }

  return { within, stop: () => clearTimeout(timer) };
}
