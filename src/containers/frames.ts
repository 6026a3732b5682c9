import type { Duplex } from "node:stream";
import { release } from "../base/bytes.ts";
import type { Sink } from "../base/sink.ts";

/** `truncated`: the stream ended inside a frame; `desynced`: a header that is none; `cut`: the connection broke or `stop` was called. */
export type FramesEnd = "whole" | "truncated" | "desynced" | "cut";

export interface Frames {
  /** Resolves when the sinks have taken the last bytes, at once after a cut or `stop`; the stream is destroyed then. */
  readonly end: Promise<FramesEnd>;
  /** When the other side had closed it in good order, by `performance.now()`; null: it has not. */
  closedAt(): number | null;
  stop(): void;
}

export interface FrameSinks {
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/**
 * Gives the frames of a container's stream (Engine API, "Stream format") to two sinks, in pieces as they come, and reads no
 * further until a sink has taken its piece. A sink that fails takes no more than its piece with it.
 */
export function readFrames(stream: Duplex, sinks: FrameSinks): Frames {
  const cursor = createCursor();
  const { promise: end, resolve } = Promise.withResolvers<FramesEnd>();
  let isOver = false;
  let closedAt: number | null = null;
  let taken: Promise<void> | null = null;

  function finish(how: FramesEnd): void {
    if (isOver) return;
    isOver = true;
    resolve(how);
    stream.destroy();
  }

  /** Passes a chunk on as far as the sinks take it at once; the promise does the rest. */
  function feed(chunk: Buffer, from: number): Promise<void> | null {
    for (let at = from; at < chunk.length && !isOver;) {
      const piece = cursor.next(chunk, at);
      if (!piece) {
        finish("desynced");
        return null;
      }
      at = piece.end;
      const pressure = piece.bytes.length > 0 ? offer(sinks[piece.to], piece.bytes) : undefined;
      if (pressure) return pressure.then(() => feed(chunk, piece.end) ?? undefined);
    }
    release(chunk);
    return null;
  }

  async function take(chunk: Buffer, before: Promise<void> | null): Promise<void> {
    await before;
    await feed(chunk, 0);
  }

  function hold(pressure: Promise<void>): void {
    stream.pause();
    taken = pressure;
    void pressure.finally(() => {
      if (taken !== pressure) return;
      taken = null;
      stream.resume();
    });
  }

  async function conclude(): Promise<void> {
    closedAt = performance.now();
    await taken;
    finish(cursor.isBetween() ? "whole" : "truncated");
  }

  stream.on("error", () => finish("cut"));
  stream.once("end", () => void conclude());
  stream.once("close", () => {
    if (!stream.readableEnded) finish("cut");
  });
  stream.on("data", (chunk: Buffer) => {
    // A stream may still give what it had when it was paused.
    const pressure = taken ? take(chunk, taken) : feed(chunk, 0);
    if (pressure) hold(pressure);
  });
  return { end, closedAt: () => closedAt, stop: () => finish("cut") };
}

function offer(sink: Sink, piece: Buffer): Promise<void> | undefined {
  try {
    return sink(piece)?.catch(ignore);
  } catch {
    return undefined;
  }
}

function ignore(): void {
  // See `readFrames`.
}

const HEADER_BYTES = 8;
const STDERR = 2;

interface Piece {
  readonly to: keyof FrameSinks;
  readonly bytes: Buffer;
  /** Where the next one begins in the chunk. */
  readonly end: number;
}

/** Where a stream stands in its frames. */
interface Cursor {
  /** What a frame holds of the chunk from `at` on, perhaps nothing; null: a header that is none. */
  next(chunk: Buffer, at: number): Piece | null;
  isBetween(): boolean;
}

function createCursor(): Cursor {
  const header = Buffer.alloc(HEADER_BYTES);
  let filled = 0;
  let left = 0;

  function next(chunk: Buffer, at: number): Piece | null {
    let begin = at;
    if (filled < HEADER_BYTES) {
      begin += chunk.copy(header, filled, at, Math.min(chunk.length, at + HEADER_BYTES - filled));
      filled += begin - at;
      // Whatever has come of it tells already whether it is one: of four bytes, the first is the kind and the others are 0.
      if ((header[0] ?? 0) > STDERR || header.readUIntBE(1, 3) !== 0) return null;
      left = filled === HEADER_BYTES ? header.readUInt32BE(4) : 0;
    }
    const end = Math.min(chunk.length, begin + left);
    left -= end - begin;
    const to = header[0] === STDERR ? "stderr" : "stdout";
    if (filled === HEADER_BYTES && left === 0) clear();
    return { to, bytes: chunk.subarray(begin, end), end };
  }

  function clear(): void {
    filled = 0;
    header.fill(0);
  }
  return { next, isBetween: () => filled === 0 };
}
