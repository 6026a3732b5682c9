import { log } from "../../base/log.ts";
import type { ContainerFacts } from "../../containers/facts.ts";
import { EngineFault } from "../../containers/fault.ts";
import type { LimitName } from "../ability.ts";
import type { CallIO, Ending } from "../executor.ts";
import { fileLimitHit } from "../limit.ts";
import { watchStart } from "../start-fault.ts";
import { type Running, type Supervision, reportedEnd, superviseProcess } from "../supervise.ts";
import type { Tree } from "../tree.ts";
import { endOf } from "./end.ts";
import { startFault } from "./faults.ts";
import type { Made } from "./make.ts";
import type { ContainerPlan } from "./plan.ts";
import { type FramePump, pumpFrames } from "./pump.ts";

const ASK_MS = 3000;
const CROWD_MS = 500;
const KILLED = 137;

/** Starts a container that stands ready, and sees it to its end; it is removed, however that went. */
export async function live(made: Made, plan: ContainerPlan, io: CallIO): Promise<Ending> {
  try {
    if (await start(made)) return await see(made, plan, io);
    return { ...UNSEEN, lost: "the engine did not say whether it started; it is stopped as soon as that can be" };
  } finally {
    made.remove();
  }
}

const UNSEEN: Omit<Ending, "lost"> = {
  exitCode: null,
  signal: null,
  stopped: null,
  limit: null,
  incomplete: true,
  loose: false,
  remains: null,
};

/** False: it may run, or begin to, and nobody knows. */
async function start({ daemon, id }: Made): Promise<boolean> {
  try {
    await daemon.start(id);
    return true;
  } catch (error) {
    // What was not asked, or was denied, has not begun.
    if (!(error instanceof EngineFault) || error.kind === "down" || error.kind === "denied") throw error;
    const facts = await daemon.inspect(id, ASK_MS).catch(() => null);
    return facts !== null && facts.status !== "created";
  }
}

async function see(made: Made, plan: ContainerPlan, io: CallIO): Promise<Ending> {
  const watched = watchStart(io);
  const { running, lost, hurry } = runningIn(made);
  const { tree, wasCrowded } = treeIn(made, plan, hurry);
  io.doing("running");
  made.stream.on("error", () => undefined);
  if (plan.stdin !== null) made.stream.end(plan.stdin);
  const supervision = await superviseProcess({
    ...watched.io,
    program: running,
    tree,
    timeoutMs: plan.timeoutMs,
    idleTimeoutMs: plan.idleTimeoutMs,
    endOf: reportedEnd,
  });
  const fault = supervision.stopped === null ? startFault(watched.said(), plan) : undefined;
  if (fault) throw fault;
  const facts = await factsOf(made, supervision, plan);
  const isRemoved = facts === null ? "somebody else removed the container while it ran" : null;
  const limit = facts?.oomKilled === true ? "memory" : (fileLimitHit(plan, supervision) ?? (await wasCrowded()));
  return { ...supervision, loose: false, limit, lost: lost() ?? isRemoved };
}

interface Inside {
  readonly running: Running;
  /** Why its end was not seen. */
  lost(): string | null;
  hurry(): void;
}

function runningIn(made: Made): Inside {
  let pump: FramePump | undefined;
  let lost: string | null = null;

  async function tellEnd(told: Parameters<Running["onExit"]>[0]): Promise<void> {
    const end = await endOf(made);
    if ("lost" in end) lost = end.lost;
    told("lost" in end ? null : end.exitCode, null);
  }

  return {
    running: {
      onExit: (told) => void tellEnd(told),
      pump: (sinks) => [(pump = pumpFrames(made.stream, sinks))],
    },
    lost: () => lost,
    hurry: () => pump?.hurry(),
  };
}

/** All that runs in a container, which ends with the first process of it. */
function treeIn(
  made: Made,
  { limits }: ContainerPlan,
  hurry: () => void,
): { readonly tree: Tree; wasCrowded(): Promise<LimitName | null> } {
  const most = limits.find(({ name }) => name === "processes")?.value;
  let crowded: Promise<boolean> = Promise.resolve(false);
  const tree: Tree = {
    ask: () => {
      // Afterwards there would be nobody to count.
      if (most !== undefined) crowded = isCrowded(made, most);
      void crowded.then(() => send(made, "SIGTERM"));
      return true;
    },
    kill: () => {
      hurry();
      void send(made, "SIGKILL");
    },
    reap: () => undefined,
    sweep: () => undefined,
  };
  return { tree, wasCrowded: async () => ((await crowded) ? "processes" : null) };
}

async function send({ daemon, id }: Made, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  try {
    await daemon.kill(id, signal);
  } catch (error) {
    log.warn({ engine: daemon.name, container: id, signal, error }, "a container could not be stopped");
  }
}

/** Whether it has as many processes as it may; false where the engine does not say so at once. */
async function isCrowded({ daemon, id }: Made, most: number): Promise<boolean> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(late.resolve, CROWD_MS, null);
  const found = await Promise.race([daemon.stats(id).catch(() => null), late.promise]);
  clearTimeout(timer);
  return (found?.pids ?? 0) >= most;
}

/** What only the engine can tell of an end, where it may have something to tell; null: it knows nothing of it. */
async function factsOf(
  { daemon, id }: Made,
  { stopped, exitCode, remains }: Supervision,
  { limits }: ContainerPlan,
): Promise<ContainerFacts | null | undefined> {
  const isKilled = stopped === null && exitCode === KILLED;
  const isLimited = exitCode !== null && limits.some(({ name }) => name === "memory");
  if (remains !== null || (!isKilled && !isLimited)) return undefined;
  const facts = await daemon.inspect(id, ASK_MS).catch(() => undefined);
  return facts === null && !isKilled ? undefined : facts;
}
