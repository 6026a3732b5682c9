import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, write as writeTo } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ownedName } from "../base/owner.ts";

/** Bytes in a file without a name: whoever starts a program copies none of them, and a crash leaves none behind. */
export interface Spool {
  /** The bytes are the spool's only until this resolves; rejects when the disk takes no more, or it was closed. */
  write(bytes: Buffer, position: number): Promise<void>;
  /** What was written; throws what the system says. */
  read(position: number, length: number): Buffer;
  /** A write that is under way still ends. */
  close(): void;
}

const write = promisify(writeTo);

/** Null where there is no place for one. */
export function openSpool(folder = tmpdir()): Spool | null {
  let fd: number;
  try {
    fd = openNameless(join(folder, ownedName(randomUUID())));
  } catch {
    return null;
  }
  let busy: Promise<void> = Promise.resolve();
  let isClosed = false;

  async function put(bytes: Buffer, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      if (isClosed) throw new Error("the spool was closed");
      const { bytesWritten } = await write(fd, bytes, done, bytes.length - done, position + done);
      if (bytesWritten === 0) throw new Error("the disk takes no more bytes");
      done += bytesWritten;
    }
  }

  function read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length;) {
      const count = readSync(fd, bytes, done, length - done, position + done);
      if (count === 0) throw new Error("a spool is shorter than what was written to it");
      done += count;
    }
    return bytes;
  }

  function close(): void {
    isClosed = true;
    // Its number could be another file's while it is still written to.
    void busy.catch(() => undefined).then(() => closeSync(fd));
  }

  return { write: (bytes, position) => (busy = put(bytes, position)), read, close };
}

function openNameless(path: string): number {
  const fd = openSync(path, "wx+", 0o600);
  try {
    unlinkSync(path);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}
