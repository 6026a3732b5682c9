import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerFacts } from "../../containers/facts.ts";
import type { Made } from "./make.ts";

/** How a container ended: with an exit code, or so that nobody knows, and why. */
export type End = { readonly exitCode: number } | { readonly lost: string };

/** For how long an engine that went away is asked again. */
const SEARCH_MS = 10_000;
const PAUSE_MS = 250;
const ASK_MS = 2000;
const KILLED = 137;

/** Waits for the end of a container. Where the engine goes away meanwhile, it is asked until it answers, or for 10 s. */
export async function endOf(made: Made): Promise<End> {
  try {
    return await made.wait.ended;
  } catch {
    return findEnd(made);
  }
}

async function findEnd({ daemon, id, signal }: Made): Promise<End> {
  let until = performance.now() + SEARCH_MS;
  while (performance.now() < until && !signal.aborted) {
    const facts = await daemon.inspect(id, ASK_MS).catch(() => undefined);
    if (facts === null) return { lost: "the engine went away, and does not know the container any more" };
    if (facts && !facts.isRunning) return toldEnd(facts);
    if (facts) {
      // It runs on: only the connection broke.
      const again = await daemon.wait(id, "not-running", signal).ended.catch(() => undefined);
      if (again) return again;
      until = performance.now() + SEARCH_MS;
    }
    await sleep(PAUSE_MS);
  }
  return { lost: "the connection to the engine broke, and it cannot be asked how the command ended" };
}

/** An engine that comes back ends what ran without it, by the signal that also ends programs that take too much memory. */
function toldEnd({ exitCode, oomKilled }: ContainerFacts): End {
  if (exitCode === null || (exitCode === KILLED && !oomKilled))
    return { lost: "the engine went away, and the container was ended before it could be seen again" };
  return { exitCode };
}
