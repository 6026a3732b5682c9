import type { Writable } from "node:stream";
import { encoded } from "./ready.ts";

/** Where messages are written, one a line, and whether the other end reads them. */
export interface Output {
  write(message: object): void;
  /** Whether so much lies unread that no more should be asked for. */
  isFull(): boolean;
  /** Resolves at once while the other end reads, else when it has read everything or the output is closed. */
  drained(): Promise<void>;
  close(): void;
}

/** Bytes of answers that lie unread before no further requests are read. */
const MOST_UNREAD = 16 * 1024 * 1024;

export function createOutput(stream: Writable): Output {
  let isClosed = false;
  let waiting: PromiseWithResolvers<void> | undefined;

  function release(): void {
    waiting?.resolve();
    waiting = undefined;
  }

  // One listener, however many wait.
  stream.on("drain", release);
  return {
    write: (message) => void (isClosed || writeLine(stream, encoded(message))),
    isFull: () => !isClosed && stream.writableLength > MOST_UNREAD,
    drained: () => {
      if (isClosed || !stream.writableNeedDrain) return Promise.resolve();
      waiting ??= Promise.withResolvers<void>();
      return waiting.promise;
    },
    close: () => {
      isClosed = true;
      stream.off("drain", release);
      release();
    },
  };
}

function writeLine(stream: Writable, line: ReturnType<typeof encoded>): void {
  if (typeof line === "string") return void stream.write(line);
  stream.cork();
  for (const part of line) stream.write(part);
  return stream.uncork();
}
