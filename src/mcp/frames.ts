/** Bytes of the longest message that is taken. */
export const MOST_BYTES = 4 * 1024 * 1024;

/** Cuts a stream of bytes at its line feeds, in time linear in what comes and in memory of one frame. */
export interface Frames {
  /** The frames that a chunk ends, each good until the next is asked for; null stands once for one that is too long. */
  write(chunk: Buffer): Generator<Buffer | null>;
}

const LF = 10;
/** What is held after a frame; one that was longer gives its memory back. */
const ROOM = 64 * 1024;

export function createFrames(most = MOST_BYTES): Frames {
  let held = Buffer.alloc(0);
  let length = 0;
  let isSkipping = false;

  function* write(chunk: Buffer): Generator<Buffer | null> {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      const piece = chunk.subarray(from, end);
      from = end + 1;
      if (!isSkipping) yield fits(piece) ? whole(piece) : null;
      clear();
    }
    const rest = chunk.subarray(from);
    if (isSkipping) return;
    if (fits(rest)) {
      keep(rest);
      return;
    }
    clear();
    isSkipping = true;
    yield null;
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
  function keep(piece: Buffer): void {
    if (piece.length === 0) return;
    if (length + piece.length > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(1024, 2 * (length + piece.length)));
      held.copy(larger, 0, 0, length);
      held = larger;
    }
    length += piece.copy(held, length);
  }

  function clear(): void {
    isSkipping = false;
    length = 0;
    if (held.length > ROOM) held = Buffer.alloc(0);
  }

  return { write };
}
