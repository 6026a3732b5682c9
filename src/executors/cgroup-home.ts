import { dirname, join, relative } from "node:path";
import { ownedName } from "../base/owner.ts";
import type { CgroupHome, CgroupHomes } from "./ability.ts";
import type { CgroupPlan } from "./cgroup.ts";
import { isExhausted, system } from "./system.ts";

/** What is asked of the groups of one call; sizes are bytes. */
export interface CgroupWish {
  readonly memory: number | null;
  readonly cpu: number | null;
  readonly processes: number | null;
  readonly whole: boolean;
}

export const NO_CGROUPS: CgroupHomes = { memory: null, cpu: null, processes: null, whole: null };

const PERIOD_US = 100_000;

/** Looks for folders of cgroups v1 and v2 (cgroups(7)) that groups can be made in; tries each. */
export function findCgroups(own: string, mounts: string): CgroupHomes {
  const places = placesOf(own, mounts);
  const v1 = (controller: string): CgroupHome | null => {
    const place = places.find((each) => each.version === 1 && each.controllers.includes(controller));
    return place && canMake(place.path, []) ? { version: 1, base: place.path, top: place.top } : null;
  };
  const unified = places.find((each) => each.version === 2);
  const v2 = (files: readonly string[]): CgroupHome | null => {
    const base = unified && above(unified.path, unified.top).find((path) => canMake(path, files));
    return unified && base !== undefined ? { version: 2, base, top: unified.top } : null;
  };
  return {
    memory: v1("memory") ?? v2(["memory.max"]),
    cpu: v1("cpu") ?? v2(["cpu.max"]),
    processes: v1("pids") ?? v2(["pids.max"]),
    whole: v2(["cgroup.kill"]) ?? v1("freezer"),
  };
}

/** Each place once in which groups are made. */
export function homesOf({ memory, cpu, processes, whole }: CgroupHomes): readonly CgroupHome[] {
  const homes = [memory, cpu, processes, whole].filter((home) => home !== null);
  return homes.filter((home, at) => homes.findIndex(({ top }) => top === home.top) === at);
}

/** The groups that a call gets; those of one folder are one. */
export function planCgroups(homes: CgroupHomes, wish: CgroupWish, callId: string): readonly CgroupPlan[] {
  const plans = new Map<string, CgroupPlan>();
  const add = (home: CgroupHome | null, settings: (version: 1 | 2) => CgroupPlan["settings"]): void => {
    if (!home) return;
    const path = join(home.base, ownedName(callId));
    const before = plans.get(path)?.settings ?? [];
    plans.set(path, { path, version: home.version, settings: [...before, ...settings(home.version)] });
  };
  const { memory, cpu, processes } = wish;
  if (memory !== null) add(homes.memory, (version) => memorySettings(version, String(memory)));
  if (cpu !== null) add(homes.cpu, (version) => cpuSettings(version, Math.max(1000, Math.round(cpu * PERIOD_US))));
  if (processes !== null) add(homes.processes, () => [["pids.max", String(processes)]]);
  if (wish.whole) add(homes.whole, () => []);
  return [...plans.values()];
}

function memorySettings(version: 1 | 2, bytes: string): CgroupPlan["settings"] {
  if (version === 2)
    return [
      ["memory.max", bytes],
      ["memory.swap.max?", "0"],
    ];
  return [
    ["memory.limit_in_bytes", bytes],
    ["memory.memsw.limit_in_bytes?", bytes],
  ];
}

function cpuSettings(version: 1 | 2, quota: number): CgroupPlan["settings"] {
  if (version === 2) return [["cpu.max", `${quota} ${PERIOD_US}`]];
  return [
    ["cpu.cfs_period_us", String(PERIOD_US)],
    ["cpu.cfs_quota_us", String(quota)],
  ];
}

interface Place {
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  /** Our own group, and the top of the hierarchy as it is mounted here. */
  readonly path: string;
  readonly top: string;
}

/** Reads `/proc/self/cgroup` and `/proc/self/mountinfo` (proc(5)). */
function placesOf(own: string, mounts: string): readonly Place[] {
  const groups = own.split("\n").flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ controllers: (controllers ?? "").split(","), path }];
  });
  return mounts.split("\n").flatMap((line): readonly Place[] => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root = "/", top = ""] = before.split(" ");
    const [type, , options = ""] = after.split(" ");
    if (type !== "cgroup" && type !== "cgroup2") return [];
    const version = type === "cgroup" ? 1 : 2;
    const controllers = version === 1 ? options.split(",") : [""];
    const group = groups.find((each) => each.controllers.some((name) => controllers.includes(name)));
    if (!group) return [];
    const inside = relative(root, group.path);
    return [{ version, controllers, path: inside.startsWith("..") ? top : join(top, inside), top }];
  });
}

function above(path: string, top: string): readonly string[] {
  return path === top || !path.startsWith(top) ? [path] : [path, ...above(dirname(path), top)];
}

/** Whether a group can be made here that has these files; where something else is mounted over the kernel's, it has none. */
function canMake(base: string, files: readonly string[]): boolean {
  const path = join(base, ownedName("probe"));
  try {
    if (files.some((file) => !file.startsWith("cgroup."))) enableControllers(base);
    // Also where an earlier try of ours could not remove it.
    system.mkdirSync(path, { recursive: true });
    // A group of the kernel has its files from the start; those that only take orders cannot be read.
    const names = new Set(system.readdirSync(path));
    system.rmdirSync(path);
    return ["cgroup.procs", ...files].every((file) => names.has(file));
  } catch (error) {
    if (isExhausted(error)) throw error;
    return false;
  }
}

/** Only a group without processes of its own may give controllers to its children; most hosts did that already. */
function enableControllers(base: string): void {
  const file = join(base, "cgroup.subtree_control");
  const enabled = system.readFileSync(file, "latin1");
  for (const name of ["memory", "cpu", "pids"]) {
    if (enabled.includes(name)) continue;
    try {
      system.writeFileSync(file, `+${name}`, { flag: "r+" });
    } catch {
      // Not ours to give, or this group holds processes.
    }
  }
}
