import type { Sink } from "../../base/sink.ts";
import type { ContainerFacts } from "../../containers/facts.ts";
import { EngineFault } from "../../containers/fault.ts";
import type { CallIO } from "../executor.ts";
import { endsOf } from "./end.ts";
import { ASK_MS, type Inside } from "./inside.ts";
import type { Made } from "./make.ts";
import { type FramePump, pumpFrames } from "./pump.ts";
import { byTurns } from "./starting.ts";

/** The one program of a container. */
export interface Alone extends Inside {
  /** False: it may run, or begin to, and nobody knows. */
  start(): Promise<boolean>;
}

/** Listens from before the start: a stream that is closed by then was closed by somebody else. */
export function runningIn(made: Made): Alone {
  const ends = endsOf(made);
  const output = outputOf(made);
  let askedAt = Infinity;
  let isInputLost = false;

  async function wasCutOff(_how: unknown, known: ContainerFacts | null | undefined): Promise<boolean> {
    const closedAt = output.closedAt();
    if (closedAt === null || isInputLost) return isInputLost;
    if (performance.now() - closedAt < TOLD_MS) return false;
    const facts = known ?? (await made.daemon.inspect(made.id, ASK_MS).catch(() => null));
    return facts === null || ranOn(facts, closedAt - askedAt);
  }
  return {
    start: async () => {
      const isStarted = await start(made, () => (askedAt = performance.now()));
      ends.began();
      return isStarted;
    },
    running: { onExit: ends.onExit, pump: output.pump },
    ownProcesses: 0,
    begin: ({ stdin }) => {
      if (stdin === null) return;
      isInputLost = stdin !== "" && output.closedAt() !== null;
      made.stream.end(stdin);
    },
    lost: ends.lost,
    isSeen: ends.isSeen,
    wasCutOff,
    hurry: () => {
      ends.hurry();
      output.hurry();
    },
    report: () => null,
  };
}

/** How long after the end of its stream an end that nothing is wrong with is told. */
const TOLD_MS = 100;
/** By which the start of a program, as its engine tells it, may be off. */
const SLACK_MS = 20;

/**
 * Whether a program ran for longer than it can have been running when its stream was closed, which its init holds open to the end. Both
 * are durations, for the engine's clock may not be ours. A stream that is closed by others within the time that a start takes before
 * the end looks like any other.
 */
function ranOn({ isRunning, startedAt, finishedAt }: ContainerFacts, mostMs: number): boolean {
  return isRunning || Date.parse(finishedAt) - Date.parse(startedAt) > mostMs + SLACK_MS;
}

async function start({ daemon, id, signal }: Made, asks: () => void): Promise<boolean> {
  try {
    await byTurns(daemon, signal, () => {
      asks();
      return daemon.start(id);
    });
    return true;
  } catch (error) {
    // What was not asked, or was denied, has not begun.
    if (!(error instanceof EngineFault) || error.kind === "down" || error.kind === "denied") throw error;
    const facts = await daemon.inspect(id, ASK_MS).catch(() => null);
    return facts !== null && facts.status !== "created";
  }
}

type Sinks = Pick<CallIO, "stdout" | "stderr">;

interface Output extends Omit<FramePump, "drained">, Pick<Inside["running"], "pump"> {}

/** What comes before anybody takes it waits. */
function outputOf({ stream }: Made): Output {
  const taken = Promise.withResolvers<Sinks>();
  let sinks: Sinks | undefined;
  const later =
    (name: keyof Sinks): Sink =>
    (chunk) =>
      sinks ? sinks[name](chunk) : taken.promise.then((them) => them[name](chunk));
  const frames = pumpFrames(stream, { stdout: later("stdout"), stderr: later("stderr") });

  function pump(given: Sinks): readonly FramePump[] {
    sinks = given;
    taken.resolve(given);
    return [frames];
  }
  return { pump, hurry: frames.hurry, closedAt: frames.closedAt };
}
