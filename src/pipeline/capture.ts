/** What is kept of a stream: all of it up to `head.length`, and the end of what came after. */
export interface Capture {
  readonly head: Buffer;
  readonly tail: Buffer;
  /** How many bytes came in all; what lies between head and tail was dropped. */
  readonly bytes: number;
}

/** All of a stream, where it has no more than `most` bytes and nothing of it was dropped. */
export function wholeOf({ head, tail, bytes }: Capture, most: number): Buffer | undefined {
  return bytes <= most && bytes === head.length + tail.length ? Buffer.concat([head, tail]) : undefined;
}

/** Keeps the first and the last `most` bytes of a stream, whatever comes between; memory stays near twice that. */
export interface Recorder {
  write(chunk: Buffer): void;
  capture(): Capture;
}

export function createRecorder(most: number): Recorder {
  const head: Buffer[] = [];
  const tail = createTail(most);
  let room = most;
  let bytes = 0;

  function write(chunk: Buffer): void {
    bytes += chunk.length;
    if (room > 0) {
      head.push(chunk.subarray(0, room));
      if (chunk.length > room) tail.push(chunk.subarray(room));
      room = Math.max(0, room - chunk.length);
    } else {
      tail.push(chunk);
    }
  }

  return { write, capture: () => ({ head: Buffer.concat(head), tail: tail.bytes(), bytes }) };
}

/** The last `most` bytes. Chunks are held, not copied, and let go as soon as newer ones suffice. */
function createTail(most: number): { push(chunk: Buffer): void; bytes(): Buffer } {
  let chunks: Buffer[] = [];
  let first = 0;
  let held = 0;

  function push(chunk: Buffer): void {
    chunks.push(chunk);
    held += chunk.length;
    for (let oldest = chunks[first]; oldest && held - oldest.length >= most; oldest = chunks[first]) {
      held -= oldest.length;
      first++;
    }
    if (first > 1024 || first === chunks.length - 1) {
      chunks = chunks.slice(first);
      first = 0;
    }
  }

  function bytes(): Buffer {
    const whole = Buffer.concat(chunks.slice(first));
    return whole.subarray(Math.max(0, whole.length - most));
  }

  return { push, bytes };
}
