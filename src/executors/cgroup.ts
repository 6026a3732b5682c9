import { mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { log } from "../base/log.ts";
import { isDead } from "../base/owner.ts";
import type { LimitName } from "./ability.ts";

/** One group of processes that is made for a call. */
export interface CgroupPlan {
  readonly path: string;
  readonly version: 1 | 2;
  /** What is written into its files, in this order; a name that ends in `?` may be missing on this kernel. */
  readonly settings: readonly (readonly [file: string, value: string])[];
}

/** What all our groups are called, before the owner's id and the call's. */
export const PREFIX = "mcpfier-";

const GONE_MS = 2000;

/** Makes the groups of a call; throws what the system says. */
export function makeCgroups(plans: readonly CgroupPlan[]): void {
  for (const { path, settings } of plans) {
    mkdirSync(path);
    for (const [name, value] of settings) setCgroup(path, name, value);
  }
}

function setCgroup(path: string, name: string, value: string): void {
  try {
    writeFileSync(join(path, name.replace(/\?$/, "")), value);
  } catch (error) {
    if (!name.endsWith("?")) throw error;
  }
}

/** Asks every process in the groups to stop. */
export function askCgroups(plans: readonly CgroupPlan[]): void {
  for (const pid of new Set(plans.flatMap((plan) => membersOf(plan.path)))) signal(pid, "SIGTERM");
}

/** Kills every process in the groups, those too that are being born meanwhile. */
export function killCgroups(plans: readonly CgroupPlan[]): void {
  for (const { path, version } of plans) {
    if (version === 2 && write(join(path, "cgroup.kill"), "1")) continue;
    // Frozen processes fork nothing, and die when they thaw.
    const isFrozen = version === 1 && write(join(path, "freezer.state"), "FROZEN");
    for (const pid of membersOf(path)) signal(pid, "SIGKILL");
    if (isFrozen) write(join(path, "freezer.state"), "THAWED");
  }
}

/** Removes the groups as soon as their last process is gone. */
export async function removeCgroups(plans: readonly CgroupPlan[]): Promise<void> {
  const deadline = performance.now() + GONE_MS;
  for (const { path } of plans) {
    while (!remove(path)) {
      if (performance.now() > deadline) return log.warn({ path }, "a cgroup is still busy; the next start removes it");
      killCgroups(plans);
      await sleep(2);
    }
  }
}

/** The limit that processes of the groups ran into, if any. */
export function limitHit(plans: readonly CgroupPlan[]): LimitName | null {
  for (const { path, version } of plans) {
    const memory = version === 1 ? "memory.oom_control" : "memory.events";
    if (countIn(join(path, memory), "oom_kill") > 0) return "memory";
  }
  return plans.some(({ path }) => countIn(join(path, "pids.events"), "max") > 0) ? "processes" : null;
}

/** Kills and removes what servers that are dead left in a folder of groups. */
export async function sweepCgroups(base: string, version: 1 | 2): Promise<void> {
  const left = namesIn(base)
    .filter((name) => name.startsWith(PREFIX) && isDead(name.slice(PREFIX.length).split("-", 3).join("-")))
    .map((name): CgroupPlan => ({ path: join(base, name), version, settings: [] }));
  killCgroups(left);
  await removeCgroups(left);
}

function membersOf(path: string): readonly number[] {
  return read(join(path, "cgroup.procs")).split("\n").filter(Boolean).map(Number);
}

function countIn(file: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(read(file))?.[1] ?? 0);
}

function remove(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has gone meanwhile.
  }
}

function write(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: "r+" });
    return true;
  } catch {
    return false;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
