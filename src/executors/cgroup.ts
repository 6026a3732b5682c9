import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { log } from "../base/log.ts";
import { isLeft } from "../base/owner.ts";
import type { LimitName } from "./ability.ts";
import { signal } from "./signal.ts";
import { system } from "./system.ts";

/** One group of processes that is made for a call. */
export interface CgroupPlan {
  readonly path: string;
  readonly version: 1 | 2;
  /** What is written into its files, in this order; a name that ends in `?` may be missing on this kernel. */
  readonly settings: readonly (readonly [file: string, value: string])[];
}

const GONE_MS = 2000;
/** Some milliseconds: one that hangs in the kernel never freezes. */
const LOOKS = 1000;

/** Makes the groups of a call; throws what the system says. */
export function makeCgroups(plans: readonly CgroupPlan[]): void {
  for (const { path, settings } of plans) {
    system.mkdirSync(path);
    for (const [name, value] of settings) setCgroup(path, name, value);
  }
}

function setCgroup(path: string, name: string, value: string): void {
  try {
    system.writeFileSync(join(path, name.replace(/\?$/, "")), value);
  } catch (error) {
    if (!name.endsWith("?")) throw error;
  }
}

/** Every process in the groups. */
export function membersOf(plans: readonly CgroupPlan[]): readonly number[] {
  return [
    ...new Set(plans.flatMap(({ path }) => read(join(path, "cgroup.procs")).split("\n").filter(Boolean).map(Number))),
  ];
}

/** Kills every process in the groups and below them, those too that are being born meanwhile. */
export function killCgroups(plans: readonly CgroupPlan[]): void {
  for (const plan of plans.flatMap(withGroupsBelow)) {
    const { path, version } = plan;
    if (version === 2 && write(join(path, "cgroup.kill"), "1")) continue;
    const isFrozen = version === 1 && freeze(path);
    for (const pid of membersOf([plan])) signal(pid, "SIGKILL");
    if (isFrozen) write(join(path, "freezer.state"), "THAWED");
  }
}

/** Frozen processes fork nothing, and die when they thaw; false where there is nothing to freeze with. */
function freeze(path: string): boolean {
  const file = join(path, "freezer.state");
  if (!write(file, "FROZEN")) return false;
  for (let look = 0; look < LOOKS && read(file).trim() === "FREEZING"; look++);
  return true;
}

/** Removes the groups as soon as their last process is gone. */
export async function removeCgroups(plans: readonly CgroupPlan[], callId?: string): Promise<void> {
  const deadline = performance.now() + GONE_MS;
  for (const { path } of plans) {
    while (!remove(path)) {
      if (performance.now() > deadline)
        return log.warn({ callId, path }, "a cgroup is still busy; the next start removes it");
      killCgroups(plans);
      await sleep(2);
    }
  }
}

/** A program that may make groups of its own makes them in its own. */
function withGroupsBelow({ path, version }: CgroupPlan): readonly CgroupPlan[] {
  return [path, ...groupsBelow(path)].map((each) => ({ path: each, version, settings: [] }));
}

/** The limit that processes of the groups ran into, if any. */
export function limitHit(plans: readonly CgroupPlan[]): LimitName | null {
  for (const { path, version } of plans) {
    const memory = version === 1 ? "memory.oom_control" : "memory.events";
    if (countIn(join(path, memory), "oom_kill") > 0) return "memory";
  }
  return plans.some(({ path }) => countIn(join(path, "pids.events"), "max") > 0) ? "processes" : null;
}

/** Kills and removes what servers that are dead left below a folder: they may have run in another group than this one. */
export async function sweepCgroups(top: string, version: 1 | 2): Promise<void> {
  const left = groupsBelow(top)
    .filter((path) => isLeft(basename(path)))
    .map((path): CgroupPlan => ({ path, version, settings: [] }));
  killCgroups(left);
  await removeCgroups(left);
}

function groupsBelow(folder: string): readonly string[] {
  const paths = foldersIn(folder).map((name) => join(folder, name));
  return paths.concat(paths.flatMap(groupsBelow));
}

function countIn(file: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(read(file))?.[1] ?? 0);
}

/** The deepest first. */
function remove(path: string): boolean {
  try {
    for (const below of groupsBelow(path).toReversed()) system.rmdirSync(below);
    system.rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

function write(file: string, text: string): boolean {
  try {
    system.writeFileSync(file, text, { flag: "r+" });
    return true;
  } catch {
    return false;
  }
}

function read(file: string): string {
  try {
    return system.readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    const entries = system.readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}
