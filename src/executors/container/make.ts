import type { Duplex } from "node:stream";
import { unlessAborted } from "../../base/abort.ts";
import { setDeadline } from "../../base/deadline.ts";
import { refuse } from "../../base/refusal.ts";
import type { Daemon } from "../../containers/daemon.ts";
import type { ImageFacts } from "../../containers/facts.ts";
import { EngineFault } from "../../containers/fault.ts";
import type { Wait } from "../../containers/wait.ts";
import type { CallIO } from "../executor.ts";
import { checkFolder, checkText } from "../program.ts";
import { type Makers, create } from "./create.ts";
import { mountFiles } from "./files.ts";
import { homeIn } from "./home.ts";
import type { ContainerPlan } from "./plan.ts";
import { checkRoot, checkSocket, checkUnmoved } from "./sources.ts";
import { specOf } from "./spec.ts";
import { byTurns } from "./starting.ts";
import { userOf } from "./user.ts";

/** A container that stands ready, with everything listening for what it will do. */
export interface Made {
  readonly daemon: Daemon;
  readonly id: string;
  readonly stream: Duplex;
  readonly wait: Wait;
  /** Aborted when it is removed. */
  readonly signal: AbortSignal;
  /** Removes it, whatever it does; resolves when it has gone, or its engine does not answer. */
  remove(): Promise<void>;
}

/** For how long even the shortest call waits for its container: as long as for one answer of an engine. */
const LEAST_MS = 10_000;

/**
 * Makes the container of a call, and starts nothing in it: attached before it could print, waited for before it could end. When that
 * fails half way, nothing of it is left but the private files. What an image does not take is bounded by the call's own timeout.
 */
export async function make(plan: ContainerPlan, io: CallIO, makers: Makers): Promise<Made> {
  const { daemon } = makers;
  io.doing("waiting for the container engine");
  const image = await imageOf(plan, io, daemon);
  return byTurns(daemon, io.signal, () => makeInTime(plan, image, { ...makers, signal: io.signal }));
}

interface Wanted extends Makers {
  readonly signal: AbortSignal;
}

async function makeInTime(plan: ContainerPlan, image: ImageFacts, wanted: Wanted): Promise<Made> {
  const { daemon, janitor } = wanted;
  const ms = Math.max(plan.timeoutMs, LEAST_MS);
  const late = new AbortController();
  const stopClock = setDeadline(ms, () => late.abort());
  const making = makeOf(plan, image, { ...wanted, signal: AbortSignal.any([wanted.signal, late.signal]) });
  const made = await unlessAborted(making, late.signal).finally(stopClock);
  if (made) return made;
  janitor.attend(making.then((tooLate) => tooLate.remove()).catch(() => undefined));
  throw new EngineFault("slow", `the engine ${daemon.name} did not make a container within ${ms / 1000} s`);
}

async function makeOf(
  plan: ContainerPlan,
  image: ImageFacts,
  { daemon, janitor, signal: wanted }: Wanted,
): Promise<Made> {
  await checkLimits(plan, daemon);
  if (!plan.allowUnsafe) await checkRoot(plan.mounts, daemon);
  const home = await homeIn(daemon);
  const user = await userOf(plan, { image, home, daemon, janitor });
  // Who has gone is not waited for, and this may have taken long.
  wanted.throwIfAborted();
  const files = await mountFiles(plan, user, daemon);
  // As late as can be: an engine follows what stands there then.
  checkHost(plan, daemon);
  const id = await create(plan, specOf(plan, { image, user, files, home }), { daemon, janitor });
  const gone = new AbortController();
  const { signal } = gone;
  const remove = (): Promise<void> => {
    gone.abort();
    return janitor.remove(daemon, id);
  };
  try {
    const wait = daemon.wait(id, "next-exit", signal);
    const [stream] = await Promise.all([attach(plan, id, { daemon, signal }), wait.registered]);
    return { daemon, id, stream, wait, signal, remove };
  } catch (error) {
    void remove();
    throw error;
  }
}

/** The stream goes with the container, also when it comes too late: an engine does not kill while it waits for a reader. */
async function attach(
  { stdin }: ContainerPlan,
  id: string,
  { daemon, signal }: Pick<Made, "daemon" | "signal">,
): Promise<Duplex> {
  const stream = await daemon.attach(id, stdin !== null);
  stream.on("error", () => undefined);
  signal.addEventListener("abort", () => stream.destroy());
  if (signal.aborted) stream.destroy();
  return stream;
}

/** What the engine would make up for: a folder that is not there, and text that a shell would have to run. */
export function checkHost(
  { hostCwd, hostProgram, argv, mounts, allowUnsafe }: ContainerPlan,
  { isLocal, address }: Daemon,
): void {
  if (!isLocal) return;
  checkUnmoved(mounts);
  if (!allowUnsafe) checkSocket(mounts, { address });
  if (hostCwd !== null) checkFolder(hostCwd);
  if (hostProgram !== null) checkText(hostProgram, argv[0]);
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
