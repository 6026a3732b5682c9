import { stripVTControlCharacters } from "node:util";
import { printable } from "./print.ts";

/** Shows how far several things are: one line that is written again and again on a terminal, else a line now and then. */
export interface Progress {
  begin(): ProgressLine;
}

export interface ProgressLine {
  tell(what: string): void;
  /** Shows a last word, if any, as a line that stays. */
  end(word?: string): void;
}

const PAUSE_MS = 5000;
const BACK = "\r\u001B[2K";

export function createProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? onTerminal(stream) : inLines(stream);
}

function onTerminal(stream: NodeJS.WriteStream): Progress {
  const doing = new Map<ProgressLine, string>();

  function draw(before: string): void {
    const text = [...doing.values()].filter((each) => each !== "").join("; ");
    // What is wider than the terminal would leave lines behind.
    stream.write(`${BACK}${before}${text.slice(0, Math.max(0, (stream.columns || 80) - 1))}`);
  }

  return {
    begin: () => {
      const line: ProgressLine = {
        tell: (what) => {
          doing.set(line, clean(what));
          draw("");
        },
        end: (word) => {
          doing.delete(line);
          draw(word === undefined ? "" : `${clean(word)}\n`);
        },
      };
      doing.set(line, "");
      return line;
    },
  };
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
