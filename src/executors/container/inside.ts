import type { ContainerFacts } from "../../containers/facts.ts";
import type { Running, Supervision } from "../supervise.ts";
import type { Ends } from "./end.ts";
import type { ContainerPlan } from "./plan.ts";

/** How long an engine may take to tell of a container whose call is over. */
export const ASK_MS = 3000;

/** What runs in a container. */
export interface Inside extends Pick<Ends, "lost" | "isSeen" | "hurry"> {
  readonly running: Running;
  /** Processes of ours that stand beside the program and the init. */
  readonly ownProcesses: number;
  begin(plan: ContainerPlan): void;
  /** What was told of the end from inside; null: nothing. */
  report(): Report | null;
  /** Whether its stream was closed, as if all had come, before it had ended; asks the engine where the facts are not known yet. */
  wasCutOff(how: Pick<Supervision, "stopped">, facts: ContainerFacts | null | undefined): Promise<boolean>;
}

export interface Report {
  /** The exit code of a shell that could not execute the program; null: it was started. */
  readonly unstarted: number | null;
  /** Null: that is not known inside. */
  readonly oomKilled: boolean | null;
  /** Whether a process could not be started, because there were as many as may be; null: that is not known inside. */
  readonly wasCrowded: boolean | null;
}
