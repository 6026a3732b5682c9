import { log } from "./log.ts";

/** What has just been done may be followed by more of it, or by requests. */
const IDLE_MS = 1000;
/** Bytes of heap. Where it is smaller, there is little to give. */
const WORTH = 64 * 1024 * 1024;

let pending: NodeJS.Timeout | undefined;

/**
 * Gives back, a second later, the memory that something large and rare has left behind: V8 keeps it for as long as nobody asks for
 * any, and every fork copies an entry for each of its pages.
 */
export function spareMemory(): void {
  clearTimeout(pending);
  pending = setTimeout(collect, IDLE_MS).unref();
}

function collect(): void {
  const { heapTotal, rss } = process.memoryUsage();
  if (heapTotal < WORTH) return;
  // Few starts need these. Only a collection on demand gives the pages back at once.
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  const { runInNewContext } = process.getBuiltinModule("node:vm");
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as NodeJS.GCFunction;
  setFlagsFromString("--no-expose-gc");
  gc({ type: "major", execution: "sync", flavor: "last-resort" });
  log.debug({ before: rss, after: process.memoryUsage.rss() }, "memory was given back");
}
