import type { ContainmentName } from "./ability.ts";
import { type CgroupPlan, killCgroups, membersOf } from "./cgroup.ts";
import { signal } from "./signal.ts";
import { sweepCall, sweepSoon } from "./sweep.ts";
import { system } from "./system.ts";

/** All that a call started, from the process that we spawned on. */
export interface Tree {
  /** Sends SIGTERM to every process of it; false: the program has not begun, and there is nobody to ask. */
  ask(): boolean;
  /** Sends SIGKILL to every process of it, and does not miss one where the containment can promise that. Done again when that did not end it. */
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
  if (isolation === "bwrap" || isolation === "unshare") {
    let isKilled = false;
    return {
      // The two processes in front pass nothing on: they, and with them everything, would end without a grace.
      ask: () => askAll(childrenOf(pid).flatMap(childrenOf).flatMap(withBelow)),
      // With the first process of a namespace all others of it die, and its parent is there to collect it.
      kill: () => {
        const firsts = childrenOf(pid);
        firsts.forEach((first) => signal(first, "SIGKILL"));
        if (firsts.length === 0 || isKilled) killGroup();
        isKilled = true;
      },
      // It ends after the first process, or takes that with it.
      reap: () => undefined,
      sweep: () => undefined,
    };
  }
  if (isolation === "cgroup")
    return {
      ask: () => askAll(membersOf(cgroups)),
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
      const outside = withBelow(pid).filter((each) => groupOf(each) !== pid);
      return askAll([-pid, ...outside]);
    },
    kill: killAll,
    reap: killGroup,
    sweep: (isUrgent) => (isUrgent ? sweepCall(marker) : sweepSoon(marker)),
  };
}

function withBelow(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(withBelow)];
}

/** Each is asked once: a second SIGTERM makes some programs drop everything. */
function askAll(pids: readonly number[]): boolean {
  for (const pid of pids) signal(pid, "SIGTERM");
  return pids.length > 0;
}

/** Each thread has children of its own (proc(5)). */
function childrenOf(pid: number): readonly number[] {
  const tasks = `/proc/${pid}/task`;
  try {
    const texts = system.readdirSync(tasks).map((task) => system.readFileSync(`${tasks}/${task}/children`, "latin1"));
    return texts.join("").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function groupOf(pid: number): number {
  try {
    return Number(system.readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ")[2]);
  } catch {
    return 0;
  }
}
