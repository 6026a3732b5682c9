import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerFacts } from "../../containers/facts.ts";
import { EngineFault } from "../../containers/fault.ts";
import type { Made } from "./make.ts";

/** How a container ended: with an exit code, or so that nobody knows, and why. */
export type End = {
  /** Whether it was told by the engine that had been listening all the time. */
  readonly isSeen: boolean;
} & ({ readonly exitCode: number } | { readonly lost: string });

/** What was found out afterwards; `gone`: it does not run any more, and nobody knows what ended it. */
type Found = { readonly exitCode: number } | { readonly lost: string } | { readonly gone: string };

/** For how long an engine that went away is asked again. */
const SEARCH_MS = 10_000;
const PAUSE_MS = 250;
const ASK_MS = 2000;
const KILLED = 137;

/**
 * Waits for the end of a container. Where the engine goes away meanwhile, it is asked until it answers, or for 10 s. One that we
 * killed ourselves has ended by that, whoever did it.
 */
export async function endOf(made: Made, isKilled: () => boolean): Promise<End> {
  try {
    return { ...(await made.wait.ended), isSeen: true };
  } catch {
    const found = await findEnd(made);
    if (!("gone" in found)) return { ...found, isSeen: false };
    return { ...(isKilled() ? { exitCode: KILLED } : { lost: found.gone }), isSeen: false };
  }
}

async function findEnd({ daemon, id, signal }: Made): Promise<Found> {
  let until = performance.now() + SEARCH_MS;
  let awayAt: number | null = null;
  const missed = (error: unknown): undefined => {
    if (error instanceof EngineFault && (error.kind === "down" || error.kind === "lost")) awayAt = Date.now();
  };
  while (performance.now() < until && !signal.aborted) {
    const facts = await daemon.inspect(id, ASK_MS).catch(missed);
    if (facts === null)
      return { gone: "the container engine went away while the command ran, and its container is gone" };
    if (facts && !facts.isRunning) return toldEnd(facts, awayAt);
    if (facts) {
      // It runs on: only the connection broke.
      const again = await daemon.wait(id, "not-running", signal).ended.catch(() => undefined);
      if (again) return again;
      until = performance.now() + SEARCH_MS;
    }
    await sleep(PAUSE_MS);
  }
  return { lost: "the container engine went away while the command ran, and cannot be asked how it ended" };
}

/**
 * An engine that comes back stops what ran on without it, as `docker stop` does; only what had ended before ended by itself.
 * SIGKILL also ends programs that take too much memory, which is told.
 */
function toldEnd({ exitCode, oomKilled, finishedAt }: ContainerFacts, awayAt: number | null): Found {
  if (exitCode === null || (exitCode === KILLED && !oomKilled))
    return { gone: "the container engine went away while the command ran, and the command was killed meanwhile" };
  const endedAt = Date.parse(finishedAt);
  // An engine that knows nothing of an end says that it was in the year 1.
  if (awayAt !== null && !(endedAt > 0 && endedAt <= awayAt))
    return { gone: "the container engine went away while the command ran, and may have stopped it when it came back" };
  return { exitCode };
}
