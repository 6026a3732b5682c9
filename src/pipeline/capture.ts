import { placeOf } from "../stores/record.ts";
import { type Spool, openSpool } from "./spool.ts";

/** What is kept of a stream: all of it up to `head.length`, and the end of what came after. */
export interface Capture {
  readonly head: Buffer;
  readonly tail: Buffer;
  /** How many bytes came in all; what lies between head and tail was dropped. */
  readonly bytes: number;
}

/** Of a stream that gave nothing. */
export const EMPTY: Capture = { head: Buffer.alloc(0), tail: Buffer.alloc(0), bytes: 0 };

/** All of a stream, where it has no more than `most` bytes and nothing of it was dropped. */
export function wholeOf({ head, tail, bytes }: Capture, most: number): Buffer | undefined {
  return bytes <= most && bytes === head.length + tail.length ? Buffer.concat([head, tail]) : undefined;
}

/** Keeps copies of the first and the last `most` bytes of a stream, whatever comes between. Of what is much, most is on the disk. */
export interface Recorder {
  /** A promise says that the bytes are still needed. One call at a time. */
  write(chunk: Buffer): void | Promise<void>;
  /** What was kept so far. */
  capture(): Capture;
  /** Takes what is on the disk back into memory. */
  close(): void;
}

/** How much is held in memory: each program that is started meanwhile makes the system copy the tables of its pages. */
const HELD = 1024 * 1024;

export function createRecorder(most: number, open: () => Spool | null = openSpool): Recorder {
  let memory = createMemory(most);
  let spool: Spool | null = null;
  let isSpoolable = most > HELD;
  let spooled = 0;
  let underWay = NOTHING;

  function write(chunk: Buffer): void | Promise<void> {
    if (spool) return put(spool, chunk);
    if (!isSpoolable) return memory.write(chunk);
    const { head } = memory.capture();
    if (head.length + chunk.length <= HELD) return memory.write(chunk);
    isSpoolable = false;
    spool = open();
    if (!spool) return memory.write(chunk);
    memory = createMemory(most);
    return put(spool, Buffer.concat([head, chunk]));
  }

  async function put(to: Spool, chunk: Buffer): Promise<void> {
    underWay = chunk;
    try {
      for (let done = 0; done < chunk.length;) {
        const { at, room } = placeOf(spooled + done, 2 * most);
        const part = chunk.subarray(done, done + room);
        await to.write(part, at);
        done += part.length;
      }
    } catch {
      // The disk is full: what comes is held in memory after all.
      return close();
    }
    spooled += chunk.length;
    underWay = NOTHING;
  }

  /** What is under way has overwritten nothing but what it displaces. */
  function inMemory({ read }: Spool): Memory {
    const all = createMemory(most);
    const first = Math.min(spooled, most);
    all.write(read(0, first));
    const last = Math.min(spooled - first, most);
    all.skip(spooled - first - last);
    for (let done = spooled - last; done < spooled;) {
      const { at, room } = placeOf(done, 2 * most);
      const part = read(at, Math.min(room, spooled - done));
      all.write(part);
      done += part.length;
    }
    all.write(underWay);
    return all;
  }

  function close(): void {
    if (!spool) return;
    memory = inMemory(spool);
    spool.close();
    spool = null;
  }

  return { write, capture: () => (spool ? inMemory(spool) : memory).capture(), close };
}

interface Memory {
  write(chunk: Buffer): void;
  /** So many bytes come that are not kept. */
  skip(count: number): void;
  capture(): Capture;
}

/** Of most streams little comes. */
const SMALL = 4096;
/** Of one that gave so much more may come, and memory that is not written to costs nothing. */
const LARGE = 64 * 1024;

function createMemory(most: number): Memory {
  const tail = createRing(most);
  let head = NOTHING;
  let bytes = 0;

  function write(chunk: Buffer): void {
    const used = Math.min(bytes, most);
    const first = Math.min(chunk.length, most - used);
    if (used + first > head.length) head = grown(head, used, Math.min(most, roomFor(used + first)));
    chunk.copy(head, used, 0, first);
    if (first < chunk.length) tail.write(chunk.subarray(first));
    bytes += chunk.length;
  }

  function skip(count: number): void {
    tail.skip(count);
    bytes += count;
  }

  return { write, skip, capture: () => ({ head: head.subarray(0, Math.min(bytes, most)), tail: tail.bytes(), bytes }) };
}

const NOTHING: Buffer = Buffer.alloc(0);

function roomFor(bytes: number): number {
  return bytes > LARGE ? Number.POSITIVE_INFINITY : Math.max(SMALL, 2 * bytes);
}

function grown(bytes: Buffer, used: number, size: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(size);
  bytes.copy(larger, 0, 0, used);
  return larger;
}

/** The last `size` bytes. */
function createRing(size: number): { write(chunk: Buffer): void; skip(count: number): void; bytes(): Buffer } {
  let ring = NOTHING;
  let written = 0;

  function write(chunk: Buffer): void {
    const last = chunk.subarray(Math.max(0, chunk.length - size));
    const needed = Math.min(size, written + last.length);
    if (needed > ring.length) ring = grown(ring, written, Math.min(size, roomFor(needed)));
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

  return { write, skip: (count) => void (written += count), bytes };
}
