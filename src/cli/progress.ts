import { stripVTControlCharacters } from "node:util";
import { ENDING_SIGNALS } from "../base/signals.ts";
import { printable } from "./print.ts";
import { cut, widthOf } from "./width.ts";

/** Shows how far several things are: lines that are written again and again on a terminal, else a line now and then. */
export interface Progress {
  begin(): ProgressLine;
}

export interface ProgressLine {
  /** `share` is from 0 to 1, and becomes a bar on a terminal. */
  tell(what: string, share?: number): void;
  /** Shows a last word, if any, as a line that stays. */
  end(word?: string): void;
}

const PAUSE_MS = 5000;
const [HIDE, SHOW, CLEAR] = ["\u001B[?25l", "\u001B[?25h", "\r\u001B[J"] as const;
const BAR = { least: 8, most: 30 } as const;

export function createProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? onTerminal(stream) : inLines(stream);
}

interface Shown {
  readonly what: string;
  readonly share: number | undefined;
}

function onTerminal(stream: NodeJS.WriteStream): Progress {
  const doing = new Map<ProgressLine, Shown>();
  /** How many lines stand there now. */
  let height = 0;

  /** The cursor stays at the end of the last line, hidden while there is one. */
  function draw(before: string): void {
    const columns = (stream.columns || 80) - 1;
    const lines = [...doing.values()].filter(({ what }) => what !== "").map((shown) => lineOf(shown, columns));
    const up = height > 1 ? `\u001B[${height - 1}A` : "";
    const [cursor, wasHidden] = [lines.length > 0 ? HIDE : SHOW, height > 0];
    stream.write(`${up}${CLEAR}${before}${lines.join("\n")}${wasHidden === lines.length > 0 ? "" : cursor}`);
    if (wasHidden !== lines.length > 0)
      for (const signal of ENDING_SIGNALS) process[wasHidden ? "off" : "once"](signal, giveBack);
    height = lines.length;
  }

  function giveBack(): void {
    stream.write(SHOW);
  }

  return {
    begin: () => {
      const line: ProgressLine = {
        tell: (what, share) => {
          doing.set(line, { what: clean(what), share });
          draw("");
        },
        end: (word) => {
          doing.delete(line);
          draw(word === undefined ? "" : `${clean(word)}\n`);
        },
      };
      doing.set(line, { what: "", share: undefined });
      return line;
    },
  };
}

/** What is wider than the terminal would leave lines behind. */
function lineOf({ what, share }: Shown, columns: number): string {
  if (share === undefined) return cut(what, columns);
  const percent = ` ${String(Math.floor(share * 100)).padStart(3)} %`;
  const room = Math.min(BAR.most, columns - widthOf(what) - percent.length - 1);
  if (room < BAR.least) return cut(`${percent.trim()} ${what}`, columns);
  const full = Math.round(share * room);
  return `${what} ${"█".repeat(full)}${"░".repeat(room - full)}${percent}`;
}

function inLines(stream: NodeJS.WriteStream): Progress {
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    begin: () => {
      let isNew = true;
      return {
        tell: (what) => {
          const now = performance.now();
          if (!isNew && now - toldAt < PAUSE_MS) return;
          [isNew, toldAt] = [false, now];
          stream.write(`mcpfier: ${clean(what)}\n`);
        },
        end: (word) => {
          if (word !== undefined) stream.write(`mcpfier: ${clean(word)}\n`);
        },
      };
    },
  };
}

function clean(text: string): string {
  return printable(stripVTControlCharacters(text));
}
