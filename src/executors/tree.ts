import { readFileSync } from "node:fs";
import type { ContainmentName } from "./ability.ts";
import { type CgroupPlan, askCgroups, killCgroups } from "./cgroup.ts";
import { sweepCall, sweepSoon } from "./sweep.ts";

/** All that a call started, from the process that we spawned on. */
export interface Tree {
  /** Sends SIGTERM to every process of it. */
  ask(): void;
  /** Sends SIGKILL to every process of it, and does not miss one where the containment can promise that. */
  kill(): void;
  /** Kills what the program left in its group; called in the very tick of its exit. */
  reap(): void;
  /** Kills what the program left elsewhere: now, or soon where nothing shows that there is anything. */
  sweep(isUrgent: boolean): void;
}

export interface TreeOptions {
  readonly isolation: ContainmentName;
  /** The leader of a process group of its own. */
  readonly pid: number;
  readonly cgroups: readonly CgroupPlan[];
  /** What stands in the environment of all that the call started. */
  readonly marker: string;
}

export function treeOf({ isolation, pid, cgroups, marker }: TreeOptions): Tree {
  const killGroup = (): void => signal(-pid, "SIGKILL");
  if (isolation === "bwrap" || isolation === "unshare")
    return {
      // The two processes in front pass nothing on: they, and with them everything, would end without a grace.
      ask: () => childrenOf(pid).flatMap(childrenOf).forEach(askBelow),
      // With the first process of a namespace all others of it die.
      kill: killGroup,
      reap: killGroup,
      sweep: () => undefined,
    };
  if (isolation === "cgroup")
    return {
      ask: () => askCgroups(cgroups),
      kill: () => {
        killCgroups(cgroups);
        killGroup();
      },
      reap: killGroup,
      sweep: () => killCgroups(cgroups),
    };
  const killAll = (): void => {
    killGroup();
    sweepCall(marker);
  };
  return {
    ask: () => {
      childrenOf(pid).forEach(askBelow);
      signal(-pid, "SIGTERM");
    },
    kill: killAll,
    reap: killGroup,
    sweep: (isUrgent) => (isUrgent ? sweepCall(marker) : sweepSoon(marker)),
  };
}

function askBelow(pid: number): void {
  const children = childrenOf(pid);
  signal(pid, "SIGTERM");
  children.forEach(askBelow);
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}
