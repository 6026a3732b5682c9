import { stripVTControlCharacters } from "node:util";
import type { Sink } from "../base/sink.ts";
import { ENDING_SIGNALS } from "../base/signals.ts";
import { columnsOf, painter, printable } from "./print.ts";
import type { Context } from "./verb.ts";
import { cut, widthOf } from "./width.ts";

/** What a user sees on stderr while a command runs: that it does, for how long, and the last line of what it prints elsewhere. */
export interface Live {
  /** A sink whose writes do not run into the line. */
  around(stream: "stdout" | "stderr", sink: Sink): Sink;
  /** Has no line stand while somebody is asked. */
  asking<Q extends unknown[], A>(ask: Asks<Q, A> | undefined): Asks<Q, A> | undefined;
  /** Takes the line away, and gives the cursor back. */
  end(): void;
}

type Asks<Q extends unknown[], A> = (...question: Q) => Promise<A>;

/** What takes less time is not worth a line, and neither is a pause that is shorter. */
const SOON_MS = 300;
const FRAME_MS = 80;
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;
/** For terminals without Unicode. */
const PLAIN_FRAMES = ["-", "\\", "|", "/"] as const;
const [HIDE, SHOW, CLEAR] = ["\u001B[?25l", "\u001B[?25h", "\r\u001B[2K"] as const;
/** What is looked at of a chunk for its last line. */
const MOST_TAIL = 4096;

/** For a stderr that is a terminal; nothing where that cannot go back on its line. */
export function createLive(context: Context, name: string): Live {
  const { host } = context;
  const isPlain = host.env["TERM"] === "dumb" || (host.env["CI"] ?? "") !== "";
  return isPlain ? SILENT : onTerminal(context, name);
}

const SILENT: Live = { around: (_stream, sink) => sink, asking: (ask) => ask, end: () => undefined };

function onTerminal(context: Context, name: string): Live {
  const { stdout, stderr } = context;
  const line = createLine(context, name);
  /** What was printed to the terminal last may not have ended its line, and then nothing stands behind it. */
  let isAtStart = true;
  let isEnding = false;

  function wait(): void {
    if (isAtStart && !isEnding) line.showSoon();
  }

  function end(): void {
    isEnding = true;
    line.hide();
    for (const signal of ENDING_SIGNALS) process.off(signal, end);
  }

  function around(stream: "stdout" | "stderr", sink: Sink): Sink {
    return async (chunk) => {
      if (!(stream === "stdout" ? stdout : stderr).isTTY) {
        line.tell(chunk);
        return sink(chunk);
      }
      line.hide();
      isAtStart = chunk.at(-1) === 0x0a;
      await sink(chunk);
      wait();
    };
  }

  function asking<Q extends unknown[], A>(ask: Asks<Q, A> | undefined): Asks<Q, A> | undefined {
    if (!ask) return undefined;
    return async (...question) => {
      line.hide();
      const answer = await ask(...question);
      wait();
      return answer;
    };
  }

  // A second signal ends the process at once: the cursor is back by then.
  for (const signal of ENDING_SIGNALS) process.once(signal, end);
  wait();
  return { around, asking, end };
}

interface Line {
  showSoon(): void;
  hide(): void;
  /** Takes the last line of what is printed elsewhere. */
  tell(chunk: Buffer): void;
}

function createLine(context: Context, name: string): Line {
  const { stderr, host } = context;
  const paint = painter(context, stderr);
  const frames = /utf-?8/i.test(localeOf(host.env)) ? FRAMES : PLAIN_FRAMES;
  const begun = performance.now();
  let isShown = false;
  let tail = "";
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;

  function draw(): void {
    const room = (columnsOf(stderr) ?? 80) - 1;
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    const head = `${frames[frame++ % frames.length]} ${printable(name)} ${seconds} s`;
    const rest = tail === "" ? "" : cut(`  ${tail}`, room - widthOf(head));
    const text = `${paint("bold", cut(head, room))}${rest === "" ? "" : paint("dim", rest)}`;
    stderr.write(`${isShown ? "" : HIDE}${CLEAR}${text}`);
    isShown = true;
    timer = setTimeout(draw, FRAME_MS).unref();
  }

  function hide(): void {
    clearTimeout(timer);
    if (isShown) stderr.write(`${CLEAR}${SHOW}`);
    isShown = false;
  }

  return {
    showSoon: () => {
      clearTimeout(timer);
      timer = setTimeout(draw, SOON_MS).unref();
    },
    hide,
    tell: (chunk) => {
      tail = lastLine(chunk) || tail;
    },
  };
}

function localeOf(env: Readonly<Record<string, string | undefined>>): string {
  return env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
}

/** The last line of a chunk that holds something; empty where none does. */
function lastLine(chunk: Buffer): string {
  const text = stripVTControlCharacters(chunk.subarray(-MOST_TAIL).toString());
  const line = text.split(/[\r\n]+/).findLast((each) => each.trim() !== "");
  return printable(line?.trim() ?? "");
}
