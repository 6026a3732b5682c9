/** What is kept of a stream: all of it up to `head.length`, and the end of what came after. */
export interface Capture {
  readonly head: Buffer;
  readonly tail: Buffer;
  /** How many bytes came in all; what lies between head and tail was dropped. */
  readonly bytes: number;
}

export const NOTHING: Capture = { head: Buffer.alloc(0), tail: Buffer.alloc(0), bytes: 0 };

/** Keeps the first and the last `most` bytes of a stream, whatever comes between; memory is bounded by three times that. */
export interface Recorder {
  write(chunk: Buffer): void;
  capture(): Capture;
}

export function createRecorder(most: number): Recorder {
  const head: Buffer[] = [];
  let tail: Buffer[] = [];
  let headBytes = 0;
  let tailBytes = 0;
  let bytes = 0;

  function write(chunk: Buffer): void {
    bytes += chunk.length;
    const room = most - headBytes;
    if (room > 0) {
      // Copied: a slice would keep the whole chunk of the pipe alive.
      const part = Buffer.from(chunk.subarray(0, room));
      head.push(part);
      headBytes += part.length;
    }
    if (chunk.length > room) keepTail(chunk.subarray(Math.max(0, room)));
  }

  function keepTail(chunk: Buffer): void {
    const part = Buffer.from(chunk.subarray(Math.max(0, chunk.length - most)));
    tail.push(part);
    tailBytes += part.length;
    if (tailBytes < 2 * most) return;
    const whole = Buffer.concat(tail);
    tail = [Buffer.from(whole.subarray(whole.length - most))];
    tailBytes = most;
  }

  function capture(): Capture {
    const end = Buffer.concat(tail);
    return { head: Buffer.concat(head), tail: end.subarray(Math.max(0, end.length - most)), bytes };
  }

  return { write, capture };
}
