import { setTimeout as sleep } from "node:timers/promises";
import { plainText } from "../base/text.ts";
import type { Sink } from "../executors/executor.ts";

const INTERVAL_MS = 100;
/** Both official client libraries drop progress that arrives in one chunk with the result (typescript-sdk#2580). */
const BEFORE_RESULT_MS = 15;
const LONGEST = 500;
const NEWLINE = 10;

export interface Progress {
  /** A sink for one stream; never slows the program down. */
  stream(): Sink;
  /** Sends what is still waiting, and leaves a client time to read it before the result. */
  end(): Promise<void>;
}

/**
 * Tells of output line by line: at most ten times a second, the latest line wins, one message on its way at a time.
 * `progress` is the number of lines so far.
 */
export function createProgress(send: (progress: number, message: string) => Promise<void>): Progress {
  let lines = 0;
  let latest: string | undefined;
  let sending: Promise<void> | undefined;
  let sentAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  function stream(): Sink {
    let begun: Buffer = Buffer.alloc(0);
    return (chunk) => {
      const last = chunk.lastIndexOf(NEWLINE);
      if (last < 0) {
        begun = Buffer.concat([begun, chunk.subarray(0, Math.max(0, LONGEST * 4 - begun.length))]);
        return;
      }
      const start = last === 0 ? 0 : chunk.lastIndexOf(NEWLINE, last - 1) + 1;
      const line = start === 0 ? Buffer.concat([begun, chunk.subarray(0, last)]) : chunk.subarray(start, last);
      lines += count(chunk, last);
      begun = Buffer.from(chunk.subarray(last + 1, last + 1 + LONGEST * 4));
      latest = plainText(line.subarray(0, LONGEST * 4).toString()).slice(0, LONGEST);
      pass();
    };
  }

  function pass(): void {
    if (latest === undefined || sending || timer) return;
    const wait = sentAt + INTERVAL_MS - performance.now();
    if (wait > 0) {
      timer = setTimeout(() => {
        timer = undefined;
        pass();
      }, wait);
      return;
    }
    const message = latest;
    latest = undefined;
    sentAt = performance.now();
    sending = send(lines, message)
      .catch(() => undefined)
      .finally(() => {
        sending = undefined;
        pass();
      });
  }

  async function end(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    await sending;
    clearTimeout(timer);
    timer = undefined;
    if (latest !== undefined) {
      sentAt = Number.NEGATIVE_INFINITY;
      pass();
      await sending;
    }
    const wait = sentAt + BEFORE_RESULT_MS - performance.now();
    if (wait > 0) await sleep(wait);
  }

  return { stream, end };
}

function count(chunk: Buffer, last: number): number {
  let found = 0;
  for (let at = chunk.indexOf(NEWLINE); at >= 0 && at <= last; at = chunk.indexOf(NEWLINE, at + 1)) found++;
  return found;
}
