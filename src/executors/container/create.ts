import type { Daemon } from "../../containers/daemon.ts";
import { EngineFault } from "../../containers/fault.ts";
import type { Janitor } from "./janitor.ts";
import type { ContainerPlan } from "./plan.ts";

export interface Makers {
  readonly daemon: Daemon;
  readonly janitor: Janitor;
}

/** Creates a container for a call; where nobody knows whether the engine did, it is looked for and removed. */
export async function create(
  { callId }: Pick<ContainerPlan, "callId">,
  spec: object,
  { daemon, janitor }: Makers,
): Promise<string> {
  try {
    return await daemon.create(spec);
  } catch (error) {
    const isNone = error instanceof EngineFault && (error.kind === "down" || error.kind === "denied");
    if (!isNone) janitor.removeOf(daemon, callId);
    throw error;
  }
}
