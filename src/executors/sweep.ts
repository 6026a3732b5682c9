import { isDead, ownerId, startTime } from "../base/owner.ts";
import { isMissing, system } from "./system.ts";

/** The variable that everything which a local command starts inherits, unless it clears its environment. */
export const MARKER = "MCPFIER_CALL";

const PASSES = 10;

export function markerOf(callId: string): string {
  return `${ownerId()}/${callId}`;
}

/** Kills every process that a call left, wherever it went; one that cleared its environment is not found. */
export function sweepCall(marker: string): void {
  if (!sweep((found) => found === marker)) sweepSoon(marker);
}

const SOON_MS = 200;
const waiting = new Set<string>();
let timer: NodeJS.Timeout | undefined;

/** The same within a moment, for many calls at once. */
export function sweepSoon(marker: string): void {
  waiting.add(marker);
  timer ??= setTimeout(sweepWaiting, SOON_MS).unref();
}

/** Does what `sweepSoon` was asked for. */
export function sweepWaiting(): void {
  clearTimeout(timer);
  timer = undefined;
  const markers = new Set(waiting);
  waiting.clear();
  if (markers.size > 0 && !sweep((found) => markers.has(found))) markers.forEach(sweepSoon);
}

/** Kills what local commands of servers left that are dead themselves. */
export function sweepOrphans(): void {
  sweep((found) => isDead(found.split("/")[0] ?? ""));
}

/** A process that forks meanwhile is met in the next pass. False: the system let us see not all of them. */
function sweep(isWanted: (marker: string) => boolean): boolean {
  try {
    for (let pass = 0; pass < PASSES; pass++) {
      const found = processes().filter((pid) => isLeft(pid, isWanted));
      if (found.length === 0) return true;
      for (const pid of found) kill(pid, isWanted);
    }
    return true;
  } catch {
    return false;
  }
}

/** Looked at again just before: the number could be another's by now. */
function kill(pid: number, isWanted: (marker: string) => boolean): void {
  const started = startTime(pid);
  if (started === undefined || !isLeft(pid, isWanted) || startTime(pid) !== started) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone, or not ours to kill.
  }
}

function isLeft(pid: number, isWanted: (marker: string) => boolean): boolean {
  if (pid === process.pid) return false;
  const marker = markerIn(pid);
  return marker !== undefined && isWanted(marker);
}

function markerIn(pid: number): string | undefined {
  try {
    const environment = `\0${system.readFileSync(`/proc/${pid}/environ`, "latin1")}`;
    const at = environment.indexOf(`\0${MARKER}=`);
    return at < 0 ? undefined : environment.slice(at + MARKER.length + 2).split("\0")[0];
  } catch (error) {
    if (!isMissing(error)) throw error;
    return undefined;
  }
}

function processes(): readonly number[] {
  try {
    return system.readdirSync("/proc").map(Number).filter(Number.isSafeInteger);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return [];
  }
}
