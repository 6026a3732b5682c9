import type { Child } from "./child.ts";
import type { LocalPlan } from "./local-plan.ts";
import { nameOf, spawnChild, spawnFault } from "./spawn.ts";
import { type Spawner, openSpawner } from "./spawner.ts";

/** Starts programs of this machine: by a spawner where there is one, else in this process. */
export interface Starter {
  /** Refuses when the program has not begun; null: whether it began is not known. */
  start(argv: Argv, plan: LocalPlan, signal: AbortSignal): Promise<Child | null>;
  close(): Promise<void>;
}

type Argv = readonly [string, ...string[]];

/** After how long another spawner is tried when one could not be had, or ended by itself. */
const RETRY_MS = 10_000;

export function createStarter(): Starter {
  let spawner: Spawner | undefined;
  let notBefore = 0;

  function current(): Spawner | undefined {
    const now = performance.now();
    if (spawner?.isOpen() !== true && now >= notBefore) {
      notBefore = now + RETRY_MS;
      spawner = openSpawner();
    }
    return spawner?.isOpen() === true ? spawner : undefined;
  }

  async function start(argv: Argv, plan: LocalPlan, signal: AbortSignal): Promise<Child | null> {
    const by = current();
    const child = await (by ? startBy(by, argv, plan, signal) : spawnChild(argv, plan));
    // A program need not read what it is given, and may be gone before it could.
    child?.stdin?.on("error", () => undefined);
    child?.stdin?.end(plan.stdin);
    return child;
  }

  async function close(): Promise<void> {
    notBefore = Number.POSITIVE_INFINITY;
    await spawner?.close();
  }
  return { start, close };
}

async function startBy(spawner: Spawner, argv: Argv, plan: LocalPlan, signal: AbortSignal): Promise<Child | null> {
  const env = plan.env.map(({ name, value }) => `${name}=${value}`);
  try {
    return await spawner.spawn({ argv, cwd: plan.cwd, env, hasInput: plan.stdin !== null }, signal);
  } catch (error) {
    const fault = error as NodeJS.ErrnoException;
    if (fault.code === "EPIPE") return spawnChild(argv, plan);
    throw spawnFault(fault, nameOf(argv[0], plan));
  }
}
