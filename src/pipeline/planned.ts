import { shownPlan } from "../executors/plan.ts";
import type { Planned } from "./call.ts";

/** What a dry run shows: the plan, what would run before it, and what would become of the call around it. */
export function shownPlanned({ plan, needs, ask, confirm, command }: Planned): Readonly<Record<string, unknown>> {
  const { retry, cacheMs, handoffMs } = command;
  return {
    ...(plan.executor === "local" && plan.program === null
      ? { note: "the program was not found, so that the call would be refused" }
      : {}),
    ...(ask.length === 0 ? {} : { ask }),
    ...(confirm === null ? {} : { confirm }),
    ...(needs.length === 0 ? {} : { needs }),
    ...shownPlan(plan),
    ...(retry === null ? {} : { retry }),
    ...(cacheMs === null ? {} : { cacheMs }),
    ...(handoffMs === null ? {} : { handoffMs }),
  };
}
