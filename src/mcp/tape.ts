import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import type { EventStream, Exchange } from "./exchange.ts";
import { createRecording } from "./recording.ts";

/** Where the messages of a request, or of what is no request, go. */
export interface Outlet {
  write(message: JSONRPCMessage): void;
  /** Nothing more comes. */
  end(): void;
  /** Resolves at once while the client reads or is away, else when it has read what there was. */
  drained(): Promise<void>;
}

/** A stream of a session that outlasts its connections: what was said is kept for a client that comes back. */
export interface Tape extends Outlet {
  /** Says what came after an event, as fast as the client reads, and what comes from now on. The connection before is dropped. */
  playTo(exchange: Exchange, after: number): void;
  /** Whether somebody listens. */
  isHeard(): boolean;
  isOver(): boolean;
  /** The number of the last event. */
  last(): number;
  /** Characters that are kept. */
  size(): number;
}

export interface TapeOptions {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Whether the client knows what to do with an event without data, and with a stream that is closed early: it comes back. Older
   * ones take the former for a broken message, and the latter for the end.
   */
  readonly isPolled: boolean;
  /** After how long the connection of one that does is let go. */
  readonly holdMs: number;
  /** Whether somebody listens, or more comes. */
  changed(): void;
}

/** How long a client that was let go waits at most before it comes back. Told to one that loses its connection it would give up sooner. */
const RETRY_MS = 1000;

export function createTape({ id, headers, isPolled, holdMs, changed }: TapeOptions): Tape {
  const recording = createRecording((number) => `${id}-${number}`);
  let line: Line | undefined;
  let isOver = false;

  function playTo(exchange: Exchange, after: number): void {
    // As the standard of event streams has it, nobody comes back for more.
    if (isOver && after >= recording.last()) return exchange.answer(204, "");
    line?.drop();
    line = createLine(exchange, { stream: exchange.stream(headers), lost: leave });
    // Official clients forget at each connection where they were.
    if (isPolled) line.write(`id: ${id}-${after}\ndata:\n\n`);
    if (!isOver && isPolled && Number.isFinite(holdMs))
      line.endAfter(holdMs, `retry: ${Math.min(RETRY_MS, holdMs)}\n\n`);
    void catchUp(line, after);
    return undefined;
  }

  async function catchUp(to: Line, after: number): Promise<void> {
    for (let told = after; told < recording.last();) {
      const { events, leftOut } = recording.after(told);
      told = recording.last();
      // What had to be left out is told where nobody takes it for a message.
      if (leftOut > 0) to.write(`: ${leftOut} messages are left out, which were not kept\n\n`);
      for (const event of events) {
        to.write(event);
        await to.drained();
        if (line !== to) return;
      }
    }
    to.isBehind = false;
    if (!isOver) return;
    to.end();
    changed();
  }

  function leave(left: Line): void {
    if (line !== left) return;
    line = undefined;
    changed();
  }

  return {
    playTo,
    write: (message) => {
      const event = recording.add(message);
      if (line?.isBehind === false) line.write(event);
    },
    end: () => {
      if (isOver) return;
      isOver = true;
      if (line?.isBehind === false) line.end();
      changed();
    },
    drained: () => line?.drained() ?? Promise.resolve(),
    isHeard: () => line !== undefined,
    isOver: () => isOver,
    last: recording.last,
    size: recording.size,
  };
}

/** One connection of a client. */
interface Line extends EventStream {
  /** Whether it is told what came before it; what comes meanwhile it finds in the recording. */
  isBehind: boolean;
  drained(): Promise<void>;
  /** Ends it, with these last words, unless it has ended before. */
  endAfter(ms: number, words: string): void;
}

/** `lost` is told when the client has gone, or was let go before the stream was over. */
function createLine(
  { request, drained }: Exchange,
  { stream, lost }: { readonly stream: EventStream; lost(line: Line): void },
): Line {
  let timer: NodeJS.Timeout | undefined;
  const line: Line = {
    isBehind: true,
    write: stream.write,
    end: () => {
      clearTimeout(timer);
      stream.end();
    },
    drop: () => {
      clearTimeout(timer);
      stream.drop();
    },
    drained,
    endAfter: (ms, words) => {
      const letGo = (): void => {
        stream.write(words);
        stream.end();
        lost(line);
      };
      timer = setTimeout(letGo, ms).unref();
    },
  };
  const gone = (): void => {
    clearTimeout(timer);
    lost(line);
  };
  request.signal.addEventListener("abort", gone, { once: true });
  if (request.signal.aborted) queueMicrotask(gone);
  return line;
}
