import { type Gate, createGate } from "../../base/gate.ts";
import type { Daemon } from "../../containers/daemon.ts";
import { EngineFault } from "../../containers/fault.ts";

/** Engines make containers one after the other for the most part: of many at once, none is answered in time. */
const MOST = 8;
const PING_MS = 2000;

/** Whatever was wrong with the sign of life: what it was for has not been asked. */
function notAsked(error: unknown): never {
  throw new EngineFault("down", error instanceof Error ? error.message : String(error));
}

const gates = new WeakMap<Daemon, Gate>();

/** Has an engine make or start something, not too much at once. Who had to wait first looks whether it still answers. */
export function byTurns<T>(daemon: Daemon, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const gate = gates.get(daemon) ?? createGate(MOST);
  gates.set(daemon, gate);
  return gate.pass(async (hasWaited) => {
    signal.throwIfAborted();
    if (hasWaited) await daemon.ping(PING_MS).catch(notAsked);
    return work();
  });
}
