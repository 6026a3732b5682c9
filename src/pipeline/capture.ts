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

/** Keeps copies of the first and the last `most` bytes of a stream, whatever comes between; its memory is twice that at most. */
export interface Recorder {
  write(chunk: Buffer): void;
  /** What was kept so far. */
  capture(): Capture;
}

/** Of most streams little comes. */
const SMALL = 4096;

export function createRecorder(most: number): Recorder {
  const tail = createRing(most);
  let head = NOTHING;
  let bytes = 0;

  function write(chunk: Buffer): void {
    const used = Math.min(bytes, most);
    const first = Math.min(chunk.length, most - used);
    if (used + first > head.length) head = grown(head, used, Math.min(most, Math.max(SMALL, 2 * (used + first))));
    chunk.copy(head, used, 0, first);
    if (first < chunk.length) tail.write(chunk.subarray(first));
    bytes += chunk.length;
  }

  return { write, capture: () => ({ head: head.subarray(0, Math.min(bytes, most)), tail: tail.bytes(), bytes }) };
}

const NOTHING: Buffer = Buffer.alloc(0);

function grown(bytes: Buffer, used: number, size: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(size);
  bytes.copy(larger, 0, 0, used);
  return larger;
}

/** The last `size` bytes. */
function createRing(size: number): { write(chunk: Buffer): void; bytes(): Buffer } {
  let ring = NOTHING;
  let written = 0;

  function write(chunk: Buffer): void {
    const last = chunk.subarray(Math.max(0, chunk.length - size));
    const needed = Math.min(size, written + last.length);
    if (needed > ring.length) ring = grown(ring, written, Math.min(size, Math.max(SMALL, 2 * needed)));
    const at = (written + chunk.length - last.length) % size;
    const copied = last.copy(ring, at);
    last.copy(ring, 0, copied);
    written += chunk.length;
  }

  function bytes(): Buffer {
    if (written <= size) return Buffer.from(ring.subarray(0, written));
    const oldest = written % size;
    return Buffer.concat([ring.subarray(oldest), ring.subarray(0, oldest)]);
  }

  return { write, bytes };
}
