import type { ContainmentName } from "./ability.ts";
import type { CallPlan } from "./call-plan.ts";
import type { CgroupPlan } from "./cgroup.ts";

/** What decides a call on this machine. */
export interface LocalPlan extends CallPlan {
  readonly executor: "local";
  /** The absolute path of the program; null when it was not found. */
  readonly program: string | null;
  readonly cwd: string;
  readonly isolation: ContainmentName;
  /** What stands before the program, so that it gets a namespace. */
  readonly wrapper: readonly string[];
  /** The groups of processes that are made for the call. */
  readonly cgroups: readonly CgroupPlan[];
  readonly dumpsCore: boolean;
}
