import { randomBytes } from "node:crypto";
import type { Sink } from "../../base/sink.ts";
import type { CallIO } from "../executor.ts";
import type { Pump } from "../pump.ts";
import type { Running } from "../supervise.ts";
import { endsOf } from "./end.ts";
import type { Inside, Report } from "./inside.ts";
import type { Made } from "./make.ts";
import { type Marked, marked } from "./marked.ts";
import { type FramePump, pumpFrames } from "./pump.ts";
import { STUB_PROCESSES } from "./stub.ts";

/** A warm container's waiting program, and what it has become when it has a call. */
export interface Talk {
  /** Introduces us; false: it did not come up. */
  greet(signal: AbortSignal): Promise<boolean>;
  /** Tells it a call; false: nothing has begun, and nothing will. */
  order(lines: string, signal: AbortSignal): Promise<boolean>;
  readonly inside: Inside;
}

/** How long an answer may take: it may have to start on a busy machine, or to read a long call. */
const ANSWER_MS = { stands: 10_000, ready: 2000 };

/** Speaks with the waiting program of a container that is about to start. */
export function talkWith(made: Made): Talk {
  const nonce = randomBytes(16).toString("hex");
  const words = createWords();
  const output = outputOf(made, Buffer.from(`\u0001${nonce}:`), words.say);
  const ends = endsOf(made);

  async function ask(lines: string, word: keyof typeof ANSWER_MS, signal: AbortSignal): Promise<boolean> {
    const late = Promise.withResolvers<false>();
    const giveUp = (): void => late.resolve(false);
    const timer = setTimeout(giveUp, ANSWER_MS[word]);
    signal.addEventListener("abort", giveUp);
    made.wait.ended.then(giveUp, giveUp);
    made.stream.once("close", giveUp);
    made.stream.write(lines);
    const isAnswered = await Promise.race([words.heard(word), late.promise]);
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    return isAnswered && !signal.aborted;
  }

  function onExit(told: Told): void {
    const tellOnce = once(told);
    words.onEnd(tellOnce);
    ends.onExit(tellOnce);
  }

  return {
    greet: async (signal) => {
      const isUp = await ask(`${nonce}\n`, "stands", signal);
      ends.began();
      return isUp;
    },
    order: (lines, signal) => ask(lines, "ready", signal),
    inside: {
      running: { onExit, pump: output.pump },
      ownProcesses: STUB_PROCESSES,
      begin: ({ stdin }) => {
        if (stdin === null) made.stream.write("0\n");
        else made.stream.end(`1\n${stdin}`);
      },
      lost: () => (words.report() ? null : ends.lost()),
      isSeen: () => words.report() !== null || ends.isSeen(),
      hurry: () => {
        ends.hurry();
        output.hurry();
      },
      report: words.report,
      // What ends by itself says so on the stream.
      wasCutOff: ({ stopped }) => Promise.resolve(stopped === null && words.report() === null),
    },
  };
}

interface Output extends Pick<FramePump, "hurry"> {
  pump(sinks: Pick<CallIO, "stdout" | "stderr">): readonly Pump[];
}

/** What comes from inside: words for us, and of each stream what comes before the word of the end. */
function outputOf(made: Made, mark: Buffer, told: (word: string) => void): Output {
  const both = Promise.withResolvers<true>();
  let sinks: Pick<CallIO, "stdout" | "stderr"> = { stdout: ignore, stderr: ignore };
  let openStreams = 2;

  function listen(name: keyof typeof sinks): Marked {
    let isOver = false;
    const sink: Sink = (chunk) => (isOver ? undefined : sinks[name](chunk));
    return marked(mark, sink, (word) => {
      if (word.startsWith("ended")) {
        isOver = true;
        openStreams -= 1;
        if (openStreams === 0) both.resolve(true);
      }
      told(word);
    });
  }

  const streams = { stdout: listen("stdout"), stderr: listen("stderr") };
  const frames = pumpFrames(made.stream, { stdout: streams.stdout.sink, stderr: streams.stderr.sink });

  async function drained(hurry: boolean): Promise<boolean> {
    const isWhole = await Promise.race([both.promise, frames.drained(hurry)]);
    if (openStreams === 0) return isWhole;
    await streams.stdout.flush();
    await streams.stderr.flush();
    return isWhole;
  }

  function pump(given: typeof sinks): readonly Pump[] {
    sinks = given;
    return [{ drained }];
  }
  return { pump, hurry: () => frames.hurry() };
}

type Told = Parameters<Running["onExit"]>[0];

/** What the waiting program has said. */
interface Words {
  say(word: string): void;
  heard(word: string): Promise<true>;
  onEnd(told: Told): void;
  report(): Report | null;
}

function createWords(): Words {
  const awaited = new Map<string, () => void>();
  let unstarted: number | null = null;
  let report: Report | null = null;
  let tell: Told = ignore;

  function say(word: string): void {
    awaited.get(word)?.();
    // The program can read the memory of what waits for it, and say anything that has this form.
    const [, kind, code = "", ...counts] = /^(\w+)(?: (\d{1,3}))?(?: (\d*) (\d*))?$/.exec(word) ?? [];
    if (kind === undefined || Number(code) > 255) return;
    if (kind === "unstarted") unstarted = Number(code);
    if (kind !== "ended" || code === "") return;
    const [oomKilled = null, wasCrowded = null] = counts.map((count) => (count ? Number(count) > 0 : null));
    report = { unstarted, oomKilled, wasCrowded };
    tell(Number(code), null);
  }

  return {
    say,
    heard: (word) => new Promise((resolve) => awaited.set(word, () => resolve(true))),
    onEnd: (told) => (tell = told),
    report: () => report,
  };
}

function once(told: Told): Told {
  let isTold = false;
  return (...end) => {
    if (isTold) return;
    isTold = true;
    told(...end);
  };
}

function ignore(): void {
  // Nobody listens.
}
