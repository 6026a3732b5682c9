import { shownPlan } from "../executors/plan.ts";
import type { Planned } from "./call.ts";

/** What a dry run shows: the plan, and what would run before it. */
export function shownPlanned({ plan, needs }: Planned): Readonly<Record<string, unknown>> {
  return needs.length === 0 ? shownPlan(plan) : { needs, ...shownPlan(plan) };
}
