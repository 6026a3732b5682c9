/** Sends a signal to a process, or with a negative number to its group; one that is gone already needs none. */
export function signal(pid: number, name: NodeJS.Signals): void {
  const { stackTraceLimit } = Error;
  // Most have gone: a stack that nobody sees takes longer than all the rest of it.
  Error.stackTraceLimit = 0;
  try {
    process.kill(pid, name);
  } catch {
    // It has gone meanwhile.
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
