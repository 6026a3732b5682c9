import { unlessAborted } from "../../base/abort.ts";
import { log } from "../../base/log.ts";
import type { ContainerFacts } from "../../containers/facts.ts";
import { EngineFault } from "../../containers/fault.ts";
import type { LimitName } from "../ability.ts";
import { type CallIO, type Ending, UNSEEN } from "../executor.ts";
import { fileLimitHit } from "../limit.ts";
import { watchStart } from "../start-fault.ts";
import { type Supervision, reportedEnd, superviseProcess } from "../supervise.ts";
import type { Tree } from "../tree.ts";
import { endOf } from "./end.ts";
import { shellFault, startFault } from "./faults.ts";
import { ASK_MS, type Inside, type Report } from "./inside.ts";
import type { Made } from "./make.ts";
import type { ContainerPlan } from "./plan.ts";
import { runningIn } from "./running.ts";
import { noteSilence } from "./silence.ts";
import { INIT_PROCESSES } from "./spec.ts";

const CROWD_MS = 1000;
/** How long an engine may take to start what has been cancelled. */
const LEAVE_MS = 2000;
const KILLED = 137;

/** Starts a container that stands ready, and sees it to its end; it is removed, however that went. */
export function live(made: Made, plan: ContainerPlan, io: CallIO): Promise<Ending> {
  return clearing(made, async () => {
    const inside = runningIn(made);
    const isStarted = await unlessAborted(inside.start(), io.signal, LEAVE_MS);
    if (isStarted === true) return see(made, inside, { plan, io });
    return { ...UNSEEN, lost: isStarted === false ? UNSTARTED : LEFT };
  });
}

/**
 * Removes a container when its call is over. One whose end was not seen may run on until it is gone; but that of an engine which
 * does not answer is not waited for, and takes nobody's place: nothing else begins there meanwhile, and elsewhere others go on.
 */
export async function clearing<E extends Ending | undefined>(made: Made, call: () => Promise<E>): Promise<E> {
  const removed = Promise.withResolvers<void>();
  try {
    const ending = await call();
    return ending === undefined || ending.lost === null ? ending : { ...ending, remains: removed.promise };
  } finally {
    void made.remove().then(removed.resolve);
  }
}

const UNSTARTED = "the container engine did not say whether it started the command";
const LEFT = "it was cancelled while the container engine was starting it; the engine has not said whether it did";

interface InsideCall {
  readonly plan: ContainerPlan;
  readonly io: CallIO;
}

/** Sees what runs in a container to its end. */
export async function see(made: Made, inside: Inside, { plan, io }: InsideCall): Promise<Ending> {
  const watched = watchStart(io);
  const { tree, wasCrowded } = treeIn(made, plan, inside);
  io.doing("running");
  inside.begin(plan);
  const supervision = await superviseProcess({
    ...watched.io,
    program: inside.running,
    tree,
    timeoutMs: plan.timeoutMs,
    idleTimeoutMs: plan.idleTimeoutMs,
    endOf: reportedEnd,
  });
  const report = inside.report();
  if (supervision.stopped === null) throwFault(report, { said: watched.said(), exitCode: supervision.exitCode }, plan);
  const facts = await factsOf(made, supervision, { plan, report });
  const unseen = inside.lost() ?? (facts !== undefined && isGone(facts) ? REMOVED : supervision.remains && UNSTOPPED);
  if (unseen !== null) return { ...UNSEEN, stopped: supervision.stopped, lost: unseen };
  const limit = limitHit({ report, facts }, supervision, plan) ?? (await wasCrowded());
  // When an engine dies, a stream that it held ends as if all had come.
  const incomplete = supervision.incomplete || !inside.isSeen() || (await inside.wasCutOff(supervision, facts));
  return { ...supervision, incomplete, loose: false, limit, lost: null };
}

/** As far as it is told of when all is over. */
function limitHit(
  { report, facts }: { readonly report: Report | null; readonly facts: ContainerFacts | null | undefined },
  { exitCode }: Supervision,
  plan: ContainerPlan,
): LimitName | null {
  if (report?.oomKilled ?? facts?.oomKilled) return "memory";
  const isCounted = plan.limits.some(({ name }) => name === "processes");
  return fileLimitHit(plan, { exitCode }) ?? (isCounted && report?.wasCrowded === true ? "processes" : null);
}

function throwFault(
  report: Report | null,
  heard: { readonly said: string | null; readonly exitCode: number | null },
  plan: ContainerPlan,
): void {
  const fault = report
    ? report.unstarted !== null && shellFault(report.unstarted, heard.said, plan)
    : startFault(heard, plan);
  if (fault) throw fault;
}

/** Whoever removes a container that runs lets its end be seen first. */
function isGone(facts: ContainerFacts | null): boolean {
  return facts === null || facts.status === "removing" || facts.status === "dead";
}

const REMOVED = "somebody else removed the container while the command ran";
const UNSTOPPED =
  "it was to be stopped, and the container engine did not do that; it may still run, and is removed when the engine answers";

/** All that runs in a container, which ends with the first process of it. */
function treeIn(
  made: Made,
  { limits, callId }: ContainerPlan,
  { hurry, ownProcesses }: Inside,
): { readonly tree: Tree; wasCrowded(): Promise<LimitName | null> } {
  const most = limits.find(({ name }) => name === "processes")?.value;
  let crowded: Promise<boolean> = Promise.resolve(false);
  const tree: Tree = {
    ask: () => {
      // Afterwards there would be nobody to count.
      if (most !== undefined) crowded = isCrowded(made, most + INIT_PROCESSES + ownProcesses);
      void crowded.then(() => send(made, "SIGTERM", callId));
      return true;
    },
    kill: () => {
      hurry();
      void send(made, "SIGKILL", callId);
    },
    reap: () => undefined,
    sweep: () => undefined,
  };
  return { tree, wasCrowded: async () => ((await crowded) ? "processes" : null) };
}

async function send({ daemon, id }: Made, signal: "SIGTERM" | "SIGKILL", callId: string): Promise<void> {
  try {
    await daemon.kill(id, signal);
  } catch (error) {
    if (!(error instanceof EngineFault) || error.kind !== "denied") return noteSilence(daemon, error, callId);
    log.warn({ callId, engine: daemon.name, container: id, signal, error }, "a container could not be stopped");
  }
}

/** Whether it has as many processes as it may; false where the engine does not say so at once. */
async function isCrowded({ daemon, id }: Made, most: number): Promise<boolean> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(late.resolve, CROWD_MS, null);
  const found = await Promise.race([daemon.processes(id).catch(() => null), late.promise]);
  clearTimeout(timer);
  return (found ?? 0) >= most;
}

/** What only the engine can tell of an end, where it may have something to tell; null: it knows nothing of it. */
async function factsOf(
  made: Made,
  { stopped, exitCode, remains }: Supervision,
  { plan, report }: { readonly plan: ContainerPlan; readonly report: Report | null },
): Promise<ContainerFacts | null | undefined> {
  const isKilled = stopped === null && exitCode === KILLED;
  const isLimited = exitCode !== null && plan.limits.some(({ name }) => name === "memory");
  const isTold = typeof report?.oomKilled === "boolean";
  if (remains !== null || isTold || (!isKilled && !isLimited)) return undefined;
  // It tells of memory only when the container has ended as well.
  if (report) await endOf(made, { beganAt: performance.now(), isKilled: () => false });
  const facts = await made.daemon.inspect(made.id, ASK_MS).catch(() => undefined);
  return facts === null && !isKilled ? undefined : facts;
}
