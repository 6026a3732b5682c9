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
import { noteSilence } from "./silence.ts";

const ASK_MS = 3000;
const CROWD_MS = 500;
/** How long an engine may take to start what is to be stopped. */
const LEAVE_MS = 2000;
const KILLED = 137;

/** Starts a container that stands ready, and sees it to its end; it is removed, however that went. */
export async function live(made: Made, plan: ContainerPlan, io: CallIO): Promise<Ending> {
  try {
    const isStarted = await unlessLeft(start(made), io.signal);
    if (isStarted === true) return await see(made, plan, io);
    return { ...UNSEEN, lost: isStarted === false ? UNSTARTED : LEFT };
  } finally {
    made.remove();
  }
}

const UNSTARTED = "the container engine did not say whether it started the command";
const LEFT = "it was cancelled while the container engine was starting it; the engine has not said whether it did";

/** Undefined: the signal was aborted, and the engine took too long to answer after that. */
async function unlessLeft<T>(answer: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const left = Promise.withResolvers<undefined>();
  let timer: NodeJS.Timeout | undefined;
  const abort = (): void => void (timer = setTimeout(left.resolve, LEAVE_MS, undefined));
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([answer, left.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
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
  const { running, lost, isSeen, hurry } = runningIn(made);
  const { tree, wasCrowded } = treeIn(made, plan, hurry);
  io.doing("running");
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
  const unseen = lost() ?? (facts !== undefined && isGone(facts) ? REMOVED : supervision.remains && UNSTOPPED);
  if (unseen !== null) return { ...UNSEEN, stopped: supervision.stopped, remains: supervision.remains, lost: unseen };
  const limit = facts?.oomKilled === true ? "memory" : (fileLimitHit(plan, supervision) ?? (await wasCrowded()));
  // When an engine dies, a stream that it held ends as if all had come.
  return { ...supervision, incomplete: supervision.incomplete || !isSeen(), loose: false, limit, lost: null };
}

/** Whoever removes a container that runs lets its end be seen first. */
function isGone(facts: ContainerFacts | null): boolean {
  return facts === null || facts.status === "removing" || facts.status === "dead";
}

const REMOVED = "somebody else removed the container while the command ran";
const UNSTOPPED =
  "it was to be stopped, and the container engine did not do that; it may still run, and is removed when the engine answers";

interface Inside {
  readonly running: Running;
  /** Why its end was not seen. */
  lost(): string | null;
  /** Whether the engine was there all the time. */
  isSeen(): boolean;
  hurry(): void;
}

function runningIn(made: Made): Inside {
  let pump: FramePump | undefined;
  let lost: string | null = null;
  let isSeen = true;
  let isKilled = false;

  async function tellEnd(told: Parameters<Running["onExit"]>[0]): Promise<void> {
    const end = await endOf(made, () => isKilled);
    ({ isSeen } = end);
    if ("lost" in end) lost = end.lost;
    told("lost" in end ? null : end.exitCode, null);
  }

  return {
    running: {
      onExit: (told) => void tellEnd(told),
      pump: (sinks) => [(pump = pumpFrames(made.stream, sinks))],
    },
    lost: () => lost,
    isSeen: () => isSeen,
    hurry: () => {
      isKilled = true;
      pump?.hurry();
    },
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
    if (!(error instanceof EngineFault) || error.kind !== "denied") return noteSilence(daemon, error);
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
