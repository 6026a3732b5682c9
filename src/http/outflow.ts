import type { ServerResponse } from "node:http";
import type { Backlog } from "./backlog.ts";

/** The body of an answer on its way, as fast as the client reads; one that takes nothing for `stallMs` is given up. */
export interface Outflow {
  write(text: string | Buffer): void;
  end(): void;
  /** Ends it at once: what lies unread is let go, and the connection with it. */
  drop(): void;
  /** Whether nothing more is taken: it has ended, or the client has gone. */
  isOver(): boolean;
  /** Resolves when nothing waits to be read, or the client has gone. */
  drained(): Promise<void>;
  isDrained(): boolean;
  /** Bytes that were given so far. */
  size(): number;
}

export interface OutflowOptions {
  readonly stallMs: number;
  /** Of all clients. */
  readonly backlog: Backlog;
}

/** A client that reads this much within `stallMs` does read. */
const PIECE = 64 * 1024;

export function createOutflow(outgoing: ServerResponse, { stallMs, backlog }: OutflowOptions): Outflow {
  const pieces = createPieces();
  let size = 0;
  let isEnding = false;
  const waiters = createWaiters();
  const giveUp = (): void => void outgoing.destroy();
  const unread = backlog.open(giveUp);
  const watch = createWatch(giveUp, stallMs);
  // An error is the client's end, too.
  outgoing.on("drain", taken).on("close", close).on("error", close);

  function taken(): void {
    watch.end();
    flow();
  }

  function flow(): void {
    if (outgoing.destroyed) return close();
    while (pieces.bytes() > 0 && !outgoing.writableNeedDrain) outgoing.write(pieces.next());
    if (outgoing.writableNeedDrain) watch.begin();
    else rest();
    return unread.set(pieces.bytes());
  }

  /** Nothing waits here; the last of it may still wait in Node. */
  function rest(): void {
    waiters.release();
    if (!isEnding || outgoing.writableEnded) return;
    outgoing.end();
    watch.begin();
  }

  function close(): void {
    watch.end();
    pieces.clear();
    unread.set(0);
    waiters.release();
  }

  function end(): void {
    if (isOver()) return;
    isEnding = true;
    flow();
  }

  const isOver = (): boolean => isEnding || outgoing.destroyed;
  const isDrained = (): boolean => outgoing.destroyed || (pieces.bytes() === 0 && !outgoing.writableNeedDrain);

  return {
    write: (text) => {
      if (isOver()) return;
      size += pieces.add(text);
      flow();
    },
    end,
    drop: () => (isDrained() ? end() : giveUp()),
    isOver,
    isDrained,
    drained: () => (isDrained() ? Promise.resolve() : waiters.wait()),
    size: () => size,
  };
}

/** Who waits until there is nothing to be read. */
function createWaiters(): { wait(): Promise<void>; release(): void } {
  let waiting: PromiseWithResolvers<void> | undefined;
  return {
    wait: () => {
      waiting ??= Promise.withResolvers<void>();
      return waiting.promise;
    },
    release: () => {
      waiting?.resolve();
      waiting = undefined;
    },
  };
}

interface Pieces {
  /** Answers how many bytes that are. */
  add(text: string | Buffer): number;
  next(): Buffer;
  bytes(): number;
  clear(): void;
}

/** What stands in front of what Node holds, which is a piece or two. */
function createPieces(): Pieces {
  const pieces: Buffer[] = [];
  let waiting = 0;
  return {
    add: (text) => {
      const bytes = typeof text === "string" ? Buffer.from(text) : text;
      for (let at = 0; at < bytes.length; at += PIECE) pieces.push(bytes.subarray(at, at + PIECE));
      waiting += bytes.length;
      return bytes.length;
    },
    next: () => {
      const piece = pieces.shift() ?? Buffer.alloc(0);
      waiting -= piece.length;
      return piece;
    },
    bytes: () => waiting,
    clear: () => {
      pieces.length = 0;
      waiting = 0;
    },
  };
}

/**
 * What the client sends meanwhile is no sign that it reads, though Node's own time limit takes it for one; nor is what is written
 * to it.
 */
function createWatch(giveUp: () => void, ms: number): { begin(): void; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    begin: () => void (timer ??= setTimeout(giveUp, ms)),
    end: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
