import { countFeeds, createLine } from "./lines.ts";
import { readReport } from "./report.ts";

/** Who takes the lines of a stream. */
export interface LineTaker {
  hasRoom(): boolean;
  /** Good until it returns. */
  take(line: Buffer): void;
  /** So many came while there was no room. */
  leaveOut(count: number): void;
}

/** Reads a stream line by line, as a terminal would show it. The result does not depend on where chunks are cut. */
export interface StderrLines {
  write(chunk: Buffer): void;
  /** What came last is a line, too. */
  end(): void;
}

const LF = 10;
const CR = 13;

/** A line ends at `\n`; of what `\r` overwrites only the last counts, of a report only its words, and at most 2000 bytes. */
export function createStderrLines({ hasRoom, take, leaveOut }: LineTaker): StderrLines {
  const line = createLine();
  let isReturned = false;

  function write(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      if (!hasRoom()) {
        const last = chunk.lastIndexOf(LF);
        leaveOut(countFeeds(chunk.subarray(from, last + 1)));
        clear();
        from = last + 1;
        break;
      }
      add(chunk.subarray(from, end));
      finish();
      from = end + 1;
    }
    add(chunk.subarray(from));
  }

  /** A return at the end may belong to a line end, so that nothing is overwritten before more comes. */
  function add(part: Buffer): void {
    let end = part.length;
    while (part[end - 1] === CR) end--;
    if (end > 0) {
      const overwritten = part.lastIndexOf(CR, end - 1);
      if (isReturned || overwritten >= 0) line.clear();
      line.add(part.subarray(overwritten + 1, end));
      isReturned = false;
    }
    isReturned ||= end < part.length;
  }

  function finish(): void {
    const bytes = line.bytes();
    take(readReport(bytes)?.text ?? bytes);
    clear();
  }

  function clear(): void {
    line.clear();
    isReturned = false;
  }

  return {
    write,
    end: () => {
      if (line.bytes().length === 0) return;
      if (hasRoom()) finish();
      else leaveOut(1);
    },
  };
}
