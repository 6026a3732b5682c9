import { log } from "../../base/log.ts";
import { faultOf } from "../../base/files.ts";
import type { Daemon } from "../../containers/daemon.ts";
import type { Ship } from "./fleet.ts";

const silent = new WeakSet<Daemon | Ship>();

/** Says that an engine does not answer, once until it does: all calls and removals find out at the same time. */
export function noteSilence(engine: Daemon | Ship, error: unknown, callId?: string): void {
  if (silent.has(engine)) return;
  silent.add(engine);
  log.warn({ callId, engine: nameOf(engine), reason: faultOf(error) }, "a container engine does not answer");
}

export function noteAnswer(engine: Daemon | Ship): void {
  if (silent.delete(engine)) log.warn({ engine: nameOf(engine) }, "a container engine answers again");
}

function nameOf(engine: Daemon | Ship): string {
  return "name" in engine ? engine.name : (engine.engine ?? "the default one");
}
