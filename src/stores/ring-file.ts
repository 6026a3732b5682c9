import { type OpenFile, faultOf } from "../base/files.ts";
import { type Kept, placeOf } from "./record.ts";

/** A file of bounded size for a stream of any: its beginning stays, what follows overwrites itself in a ring. */
export interface RingFile {
  /** Writes what comes next in the stream. Never rejects: what goes wrong is told by `fault`. */
  append(part: Buffer): Promise<void>;
  /** How many bytes of the stream have been written. */
  written(): number;
  /** What can be read now; what is being overwritten is none of it. */
  kept(): Kept;
  /** Why nothing more is written; what was written before stays readable. Empty while all is well. */
  fault(): string;
  close(): Promise<void>;
}

/** The file is made when there is something to write. */
export function createRingFile(create: () => Promise<OpenFile>, limit: number): RingFile {
  const half = Math.floor(limit / 2);
  let file: OpenFile | undefined;
  let fault = "";
  let written = 0;
  /** How many bytes will be written when the write under way has ended. */
  let reached = 0;

  async function append(part: Buffer): Promise<void> {
    reached = written + part.length;
    try {
      file ??= await create();
      for (let done = 0; done < part.length;) {
        const { at, room } = placeOf(written, limit);
        const count = await file.write(part.subarray(done, done + room), at);
        if (count === 0) throw Object.assign(new Error("nothing was written"), { code: "ENOSPC" });
        done += count;
        written += count;
      }
    } catch (error) {
      fault = faultOf(error);
    }
  }

  function kept(): Kept {
    if (reached <= limit || written < limit) return { bytes: written, head: written, tail: written, limit };
    return { bytes: written, head: half, tail: Math.min(written, reached - (limit - half)), limit };
  }

  async function close(): Promise<void> {
    await file?.close().catch((error: unknown) => {
      fault ||= faultOf(error);
    });
  }

  return { append, written: () => written, kept, fault: () => fault, close };
}
