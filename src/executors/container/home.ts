import { hostname } from "node:os";
import { isForeign } from "../../base/owner.ts";
import type { Daemon } from "../../containers/daemon.ts";
import type { Listed } from "../../containers/facts.ts";
import { HOME, OWNER, isAbandoned } from "./labels.ts";

const homes = new WeakMap<Daemon, Promise<string | null>>();

/**
 * The container of an engine that this process itself runs in; null: it runs in none. By itself a process cannot tell whether one
 * of another container still runs: its engine can.
 */
export function homeIn(daemon: Daemon): Promise<string | null> {
  const known = homes.get(daemon) ?? lookForHome(daemon);
  homes.set(daemon, known);
  known.catch(() => homes.delete(daemon));
  return known;
}

/** Engines name the host inside by the beginning of the container's id. */
async function lookForHome(daemon: Daemon): Promise<string | null> {
  const name = hostname();
  if (!/^[0-9a-f]{12}$/.test(name)) return null;
  const facts = await daemon.inspect(name);
  return facts?.isRunning === true ? name : null;
}

/** Whether the process that a container is for is certainly gone. */
export async function isLeft(daemon: Daemon, { labels, state }: Listed): Promise<boolean> {
  if (isAbandoned(labels, state === "running")) return true;
  const home = labels[HOME];
  if (home === undefined) return false;
  // An earlier life of the container that we are in.
  if (home === (await homeIn(daemon))) return isForeign(labels[OWNER] ?? "");
  const facts = await daemon.inspect(home);
  return facts === null || !facts.isRunning;
}
