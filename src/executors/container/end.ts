import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerFacts } from "../../containers/facts.ts";
import { EngineFault } from "../../containers/fault.ts";
import type { Running } from "../supervise.ts";
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

/** The end of what runs in a container. */
export interface Ends extends Pick<Running, "onExit"> {
  /** The container has certainly been started. */
  began(): void;
  /** Why its end was not seen. */
  lost(): string | null;
  /** Whether the engine was there all the time. */
  isSeen(): boolean;
  /** It is killed from now on, and nobody is waited for. */
  hurry(): void;
}

/** Tells of a container's end as its engine sees it. */
export function endsOf(made: Made): Ends {
  let beganAt = performance.now();
  let lost: string | null = null;
  let isSeen = true;
  let isKilled = false;

  async function tellEnd(told: Parameters<Running["onExit"]>[0]): Promise<void> {
    const end = await endOf(made, { beganAt, isKilled: () => isKilled });
    ({ isSeen } = end);
    if ("lost" in end) lost = end.lost;
    told("lost" in end ? null : end.exitCode, null);
  }
  return {
    onExit: (told) => void tellEnd(told),
    lost: () => lost,
    isSeen: () => isSeen,
    hurry: () => void (isKilled = true),
    began: () => void (beganAt = performance.now()),
  };
}

/** What we know of a container beside what its engine tells. */
interface Known {
  /** When it had certainly been started, by `performance.now()`. */
  readonly beganAt: number;
  /** Whether we killed it. */
  isKilled(): boolean;
}

/**
 * Waits for the end of a container. Where the engine goes away meanwhile, it is asked until it answers, or for 10 s. One that we
 * killed ourselves has ended by that, whoever did it.
 */
export async function endOf(made: Made, { beganAt, isKilled }: Known): Promise<End> {
  try {
    return { ...(await made.wait.ended), isSeen: true };
  } catch {
    const found = await findEnd(made, beganAt);
    if (!("gone" in found)) return { ...found, isSeen: false };
    return { ...(isKilled() ? { exitCode: KILLED } : { lost: found.gone }), isSeen: false };
  }
}

async function findEnd({ daemon, id, signal }: Made, beganAt: number): Promise<Found> {
  let awayAt = performance.now();
  let until = awayAt + SEARCH_MS;
  while (performance.now() < until && !signal.aborted) {
    const askedAt = performance.now();
    const facts = await daemon.inspect(id, ASK_MS).catch((error: unknown) => {
      // One that only takes the question may be coming back already, and stopping what it finds.
      if (isAway(error)) awayAt = askedAt;
    });
    if (facts === null)
      return { gone: "the container engine went away while the command ran, and its container is gone" };
    if (facts && !facts.isRunning) return toldEnd(facts, awayAt - beganAt);
    if (facts) {
      // It runs on: only the connection broke.
      const again = await daemon.wait(id, "not-running", signal).ended.catch(() => undefined);
      if (again) return again;
      awayAt = performance.now();
      until = awayAt + SEARCH_MS;
    }
    await sleep(PAUSE_MS);
  }
  return { lost: "the container engine went away while the command ran, and cannot be asked how it ended" };
}

function isAway(error: unknown): boolean {
  return error instanceof EngineFault && (error.kind === "down" || error.kind === "lost");
}

/**
 * An engine that comes back stops what ran on without it, as `docker stop` does; only what had ended before ended by itself: after
 * less time than we know it to have been away by. Both are durations, for its clock may not be ours. SIGKILL also ends programs that
 * take too much memory, which is told.
 */
function toldEnd({ exitCode, oomKilled, startedAt, finishedAt }: ContainerFacts, aloneMs: number): Found {
  if (exitCode === null || (exitCode === KILLED && !oomKilled))
    return { gone: "the container engine went away while the command ran, and the command was killed meanwhile" };
  // An engine that knows nothing of an end says that it was in the year 1.
  const isKnown = Date.parse(finishedAt) > 0 && Date.parse(startedAt) > 0;
  if (!isKnown || Date.parse(finishedAt) - Date.parse(startedAt) > aloneMs)
    return { gone: "the container engine went away while the command ran, and may have stopped it when it came back" };
  return { exitCode };
}
