import { randomBytes } from "node:crypto";
import type { CallIO, Sink } from "../executor.ts";
import type { Running } from "../supervise.ts";
import { type Inside, type Report, endsOf } from "./life.ts";
import type { Made } from "./make.ts";
import { marked } from "./marked.ts";
import { pumpFrames } from "./pump.ts";
import { STUB_PROCESSES } from "./stub.ts";

/** A warm container's waiting program, and what it has become when it has a call. */
export interface Talk {
  /** Says that lines to it; false: it did not answer with the word before it ended, or in time, or the signal aborted. */
  ask(lines: string, word: "stands" | "ready", signal: AbortSignal): Promise<boolean>;
  readonly inside: Inside;
  /** The line that introduces us. */
  readonly greeting: string;
}

/** How long it may take to start on a busy machine, and to read a call. */
const ANSWER_MS = { stands: 10_000, ready: 2000 };

/** Speaks with the waiting program of a container that is about to start. */
export function talkWith(made: Made): Talk {
  const nonce = randomBytes(16).toString("hex");
  const mark = Buffer.from(`\u0001${nonce}:`);
  const words = createWords();
  let sinks: Pick<CallIO, "stdout" | "stderr"> = { stdout: ignore, stderr: ignore };
  const both = Promise.withResolvers<true>();
  let openStreams = 2;

  /** What comes after the end is not the program's any more. */
  function listen(name: "stdout" | "stderr"): ReturnType<typeof marked> {
    let isOver = false;
    const sink: Sink = (chunk) => (isOver ? undefined : sinks[name](chunk));
    return marked(mark, sink, (word) => {
      if (word.startsWith("ended")) {
        isOver = true;
        openStreams -= 1;
        if (openStreams === 0) both.resolve(true);
      }
      words.say(word);
    });
  }

  const streams = [listen("stdout"), listen("stderr")] as const;
  const frames = pumpFrames(made.stream, { stdout: streams[0].sink, stderr: streams[1].sink });
  const ends = endsOf(made);
  made.stream.on("error", ignore);

  async function drained(hurry: boolean): Promise<boolean> {
    const isWhole = await Promise.race([both.promise, frames.drained(hurry)]);
    if (openStreams > 0) await Promise.all(streams.map(({ flush }) => flush()));
    return isWhole;
  }

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

  const inside: Inside = {
    running: {
      onExit: (told) => {
        const tellOnce = once(told);
        words.onEnd(tellOnce);
        ends.onExit(tellOnce);
      },
      pump: (given) => {
        sinks = given;
        return [{ drained }];
      },
    },
    ownProcesses: STUB_PROCESSES,
    begin: ({ stdin }) => {
      if (stdin === null) made.stream.write("0\n");
      else made.stream.end(`1\n${stdin}`);
    },
    lost: () => (words.report() ? null : ends.lost()),
    hurry: () => frames.hurry(),
    report: words.report,
  };
  return { ask, inside, greeting: `${nonce}\n` };
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
    const [kind, code = "", oomKills = ""] = word.split(" ");
    if (kind === "unstarted") unstarted = Number(code);
    if (kind !== "ended" || code === "") return;
    report = { unstarted, oomKilled: oomKills === "" ? null : Number(oomKills) > 0 };
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
