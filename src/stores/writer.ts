import { release } from "../base/bytes.ts";
import type { Kept } from "./record.ts";
import type { RingFile } from "./ring-file.ts";

/** Bytes that are written at once; two of these are held of a stream at most. */
const BATCH = 256 * 1024;
/** Of most streams little comes. */
const SMALL = 4096;

/** Passes a stream on to its file, in bounded memory. */
export interface StreamWriter {
  /** Copies the bytes; a promise says that more are waiting than the disk takes. One call at a time. */
  write(chunk: Buffer): void | Promise<void>;
  /** Resolves when all that came until now can be read, or never will. */
  flush(): Promise<void>;
  /** The same, and nothing stays open. */
  close(): Promise<void>;
  kept(): Kept;
  fault(): string;
}

export function createWriter(file: RingFile): StreamWriter {
  let bytes = 0;
  let block = NOTHING;
  let used = 0;
  let spare = NOTHING;
  let busy: Promise<void> | null = null;
  let waiting: void | Promise<void>;

  function write(chunk: Buffer): void | Promise<void> {
    bytes += chunk.length;
    waiting = take(chunk);
    return waiting;
  }

  function take(chunk: Buffer): void | Promise<void> {
    for (let taken = 0; taken < chunk.length && file.fault() === "";) {
      if (used === BATCH) {
        if (busy) return busy.then(() => take(chunk.subarray(taken)));
        void start();
      }
      const count = Math.min(chunk.length - taken, BATCH - used);
      if (used + count > block.length) block = grown(block, used, used + count);
      chunk.copy(block, used, taken, taken + count);
      used += count;
      taken += count;
    }
  }

  /** Begins to write what was collected, and collects in the other block meanwhile. */
  function start(): Promise<void> {
    const full = block;
    const part = full.subarray(0, used);
    block = spare;
    spare = NOTHING;
    used = 0;
    busy = file.append(part).finally(() => {
      spare = full;
      busy = null;
    });
    return busy;
  }

  async function flush(): Promise<void> {
    const target = bytes;
    while (file.written() < target && file.fault() === "") await (busy ?? start());
  }

  async function close(): Promise<void> {
    await waiting;
    await flush();
    await busy;
    await file.close();
    release(block);
    release(spare);
    block = spare = NOTHING;
    used = 0;
  }

  function kept(): Kept {
    const there = file.kept();
    // What failed may have spoilt the ring, and what came afterwards is missing.
    return file.fault() === "" ? there : { ...there, bytes, tail: bytes };
  }

  return { write, flush, close, kept, fault: () => file.fault() };
}

const NOTHING: Buffer = Buffer.alloc(0);

function grown(block: Buffer, used: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(BATCH, Math.max(SMALL, 2 * needed)));
  block.copy(larger, 0, 0, used);
  release(block);
  return larger;
}
