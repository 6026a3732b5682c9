import type { Duplex } from "node:stream";
import { refuse } from "../../base/refusal.ts";
import type { Daemon } from "../../containers/daemon.ts";
import type { ImageFacts } from "../../containers/facts.ts";
import { EngineFault } from "../../containers/fault.ts";
import type { Wait } from "../../containers/wait.ts";
import type { CallIO } from "../executor.ts";
import { checkFolder, isNoProgram } from "../program.ts";
import { mountFiles } from "./files.ts";
import type { Janitor } from "./janitor.ts";
import type { ContainerPlan } from "./plan.ts";
import { specOf, userOf } from "./spec.ts";

/** A container that stands ready, with everything listening for what it will do. */
export interface Made {
  readonly daemon: Daemon;
  readonly id: string;
  readonly stream: Duplex;
  readonly wait: Wait;
  /** Aborted when it is removed. */
  readonly signal: AbortSignal;
  /** Removes it, whatever it does. */
  remove(): void;
}

export interface Makers {
  readonly daemon: Daemon;
  readonly janitor: Janitor;
}

/**
 * Makes the container of a call, and starts nothing in it: attached before it could print, waited for before it could end. When that
 * fails half way, nothing of it is left but the private files.
 */
export async function make(plan: ContainerPlan, io: CallIO, { daemon, janitor }: Makers): Promise<Made> {
  io.doing("waiting for the container engine");
  checkHost(plan, daemon);
  const image = await imageOf(plan, io, daemon);
  await checkLimits(plan, daemon);
  const files = await mountFiles(plan, userOf(plan, image), daemon);
  const id = await daemon.create(specOf(plan, image, files));
  const gone = new AbortController();
  const { signal } = gone;
  const remove = (): void => {
    gone.abort();
    janitor.remove(daemon, id);
  };
  try {
    const wait = daemon.wait(id, "next-exit", signal);
    const [stream] = await Promise.all([daemon.attach(id, plan.stdin !== null), wait.registered]);
    // An engine does not kill while it waits for somebody to read.
    signal.addEventListener("abort", () => stream.destroy());
    return { daemon, id, stream, wait, signal, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** What the engine would make up for: a folder that is not there, and text that a shell would have to run. */
function checkHost({ hostCwd, hostProgram, argv }: ContainerPlan, { isLocal }: Daemon): void {
  if (!isLocal) return;
  if (hostCwd !== null) checkFolder(hostCwd);
  if (hostProgram !== null && isNoProgram(hostProgram))
    throw refuse(
      "program.not_executable",
      `${argv[0]} is neither a program nor a script that names its interpreter in its first line (\`#!\`)`,
    );
}

async function imageOf({ image, pull }: ContainerPlan, io: CallIO, daemon: Daemon): Promise<ImageFacts> {
  const found = pull === "always" ? null : await daemon.image(image);
  if (found) return found;
  if (pull === "never")
    throw refuse("image.missing", `${daemon.name} has no image ${image}, and \`pull: never\` forbids to fetch it`);
  await fetchImage(image, io, daemon);
  const pulled = await daemon.image(image);
  if (!pulled) throw refuse("image.missing", `${daemon.name} fetched ${image}, and has no image of that name`);
  return pulled;
}

async function fetchImage(image: string, io: CallIO, daemon: Daemon): Promise<void> {
  io.doing(`pulling ${image}`);
  try {
    await daemon.pull(image, io.doing, io.signal);
  } catch (error) {
    if (!(error instanceof EngineFault) || error.kind === "down" || error.kind === "lost") throw error;
    throw refuse("image.missing", `${image} could not be fetched by ${daemon.name}: ${error.message}`);
  }
}

const ENFORCED = { memory: "memory", cpu: "cpu", processes: "pids" } as const;

/** Some engines take a limit and ignore it: rootless ones, where the host gives them no cgroups. */
async function checkLimits({ limits }: ContainerPlan, daemon: Daemon): Promise<void> {
  const asked = limits.flatMap(({ name }) => (name in ENFORCED ? [name as keyof typeof ENFORCED] : []));
  if (asked.length === 0) return;
  const info = await daemon.info();
  const missing = asked.filter((name) => !info[ENFORCED[name]]);
  if (missing.length > 0)
    throw refuse(
      "limits.unenforceable",
      `${daemon.name} cannot enforce ${missing.map((name) => `limits.${name}`).join(" and ")}, and would ignore it; run the engine as root, or remove the limit`,
    );
}
