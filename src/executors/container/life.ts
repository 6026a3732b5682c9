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
import { shellFault, startFault } from "./faults.ts";
import type { Made } from "./make.ts";
import type { ContainerPlan } from "./plan.ts";
import { type FramePump, pumpFrames } from "./pump.ts";

const ASK_MS = 3000;
const CROWD_MS = 500;
const KILLED = 137;

/** Starts a container that stands ready, and sees it to its end; it is removed, however that went. */
export async function live(made: Made, plan: ContainerPlan, io: CallIO): Promise<Ending> {
  try {
    if (await start(made)) return await see(made, runningIn(made), { plan, io });
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

interface InsideCall {
  readonly plan: ContainerPlan;
  readonly io: CallIO;
}

/** Sees what runs in a container to its end. */
export async function see(made: Made, inside: Inside, { plan, io }: InsideCall): Promise<Ending> {
  const watched = watchStart(io);
  const { tree, wasCrowded } = treeIn(made, plan, inside);
  io.doing("running");
  made.stream.on("error", () => undefined);
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
  if (supervision.stopped === null) throwFault(report, watched.said(), plan);
  const facts = report?.oomKilled == null ? await factsOf(made, supervision, { plan, report }) : report;
  const isRemoved = facts === null ? "somebody else removed the container while it ran" : null;
  const limit = facts?.oomKilled === true ? "memory" : (fileLimitHit(plan, supervision) ?? (await wasCrowded()));
  return { ...supervision, loose: false, limit, lost: inside.lost() ?? isRemoved };
}

function throwFault(report: Report | null, said: string | null, plan: ContainerPlan): void {
  const fault = report ? report.unstarted !== null && shellFault(report.unstarted, said, plan) : startFault(said, plan);
  if (fault) throw fault;
}

/** What runs in a container. */
export interface Inside {
  readonly running: Running;
  /** Processes of ours that stand beside the program and the init. */
  readonly ownProcesses: number;
  begin(plan: ContainerPlan): void;
  /** Why its end was not seen. */
  lost(): string | null;
  hurry(): void;
  /** What was told of the end from inside; null: nothing. */
  report(): Report | null;
}

export interface Report {
  /** The exit code of a shell that could not execute the program; null: it was started. */
  readonly unstarted: number | null;
  /** Null: that is not known inside. */
  readonly oomKilled: boolean | null;
}

function runningIn(made: Made): Inside {
  let pump: FramePump | undefined;
  const ends = endsOf(made);
  return {
    running: {
      onExit: ends.onExit,
      pump: (sinks) => [(pump = pumpFrames(made.stream, sinks))],
    },
    ownProcesses: 0,
    begin: ({ stdin }) => {
      if (stdin !== null) made.stream.end(stdin);
    },
    lost: ends.lost,
    hurry: () => pump?.hurry(),
    report: () => null,
  };
}

/** Tells of a container's end as its engine sees it. */
export function endsOf(made: Made): Pick<Running, "onExit"> & Pick<Inside, "lost"> {
  let lost: string | null = null;

  async function tellEnd(told: Parameters<Running["onExit"]>[0]): Promise<void> {
    const end = await endOf(made);
    if ("lost" in end) lost = end.lost;
    told("lost" in end ? null : end.exitCode, null);
  }
  return { onExit: (told) => void tellEnd(told), lost: () => lost };
}

/** All that runs in a container, which ends with the first process of it. */
function treeIn(
  made: Made,
  { limits }: ContainerPlan,
  { hurry, ownProcesses }: Inside,
): { readonly tree: Tree; wasCrowded(): Promise<LimitName | null> } {
  const most = limits.find(({ name }) => name === "processes")?.value;
  let crowded: Promise<boolean> = Promise.resolve(false);
  const tree: Tree = {
    ask: () => {
      // Afterwards there would be nobody to count.
      if (most !== undefined) crowded = isCrowded(made, most + ownProcesses);
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
  made: Made,
  { stopped, exitCode, remains }: Supervision,
  { plan, report }: { readonly plan: ContainerPlan; readonly report: Report | null },
): Promise<ContainerFacts | null | undefined> {
  const isKilled = stopped === null && exitCode === KILLED;
  const isLimited = exitCode !== null && plan.limits.some(({ name }) => name === "memory");
  if (remains !== null || (!isKilled && !isLimited)) return undefined;
  // It tells of memory only when the container has ended as well.
  if (report) await endOf(made);
  const facts = await made.daemon.inspect(made.id, ASK_MS).catch(() => undefined);
  return facts === null && !isKilled ? undefined : facts;
}
