/** Bytes of the longest message that is taken. */
export const MOST_BYTES = 4 * 1024 * 1024;

/** Cuts a stream of bytes at its line feeds, in time linear in what comes and in memory of one frame. */
export interface Frames {
  /** What comes next; only when there is no frame left of what came before. */
  write(chunk: Buffer): void;
  /** The next frame that has ended, good until another is asked for; null stands once for one that is too long. Undefined: there is none. */
  next(): Buffer | null | undefined;
}

const LF = 10;
/** What is held after a frame; one that was longer gives its memory back. */
const ROOM = 64 * 1024;

export function createFrames(most = MOST_BYTES): Frames {
  let held = Buffer.alloc(0);
  let length = 0;
  let isSkipping = false;
  /** Whether the frame in hand was given away. */
  let isGiven = false;
  let chunk: Buffer = held;
  let from = 0;

  function write(more: Buffer): void {
    chunk = more;
    from = 0;
  }

  function next(): Buffer | null | undefined {
    if (isGiven) clear();
    while (from < chunk.length) {
      const end = chunk.indexOf(LF, from);
      if (end < 0) return begin();
      const piece = chunk.subarray(from, end);
      from = end + 1;
      isGiven = !isSkipping;
      if (isGiven) return fits(piece) ? whole(piece) : null;
      clear();
    }
    return undefined;
  }

  /** Of the frame whose end is not in the chunk. */
  function begin(): null | undefined {
    const rest = chunk.subarray(from);
    from = chunk.length;
    if (isSkipping) return undefined;
    if (fits(rest)) return keep(rest);
    clear();
    isSkipping = true;
    return null;
  }

  function fits(piece: Buffer): boolean {
    return length + piece.length <= most;
  }

  function whole(piece: Buffer): Buffer {
    if (length === 0) return piece;
    keep(piece);
    return held.subarray(0, length);
  }

  /** By doubling: a client may send byte by byte, and a list of pieces would take many times their bytes. */
  function keep(piece: Buffer): undefined {
    if (piece.length === 0) return;
    if (length + piece.length > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(1024, 2 * (length + piece.length)));
      held.copy(larger, 0, 0, length);
      held = larger;
    }
    length += piece.copy(held, length);
  }

  function clear(): void {
    isGiven = false;
    isSkipping = false;
    length = 0;
    if (held.length > ROOM) held = Buffer.alloc(0);
  }

  return { write, next };
}
