import { readSync } from "node:fs";
import { isOurs, put } from "./own-file.ts";
import { BOM, type SourceBytes, type Whereabouts, opened } from "./source.ts";

/** Bytes that are compared at once. */
const PART = 64 * 1024;

/** Keeps what was read of a file. Throws where it cannot be written. */
export function keepCopy({ bytes, ...whereabouts }: SourceBytes, copy: string): void {
  put(copy, Buffer.concat([headOf(whereabouts), bytes]));
}

/**
 * Whether a file is still, where it is and byte for byte, what was kept of it. That takes a quarter of the time of a digest, for
 * which `crypto` would be loaded, and the memory of neither. False where it cannot be told.
 */
export function isAsCopied(file: string, copy: string): boolean {
  if (!isOurs(copy)) return false;
  return opened(file, (one, now) => opened(copy, (other) => isSame(one, other, headOf(now)))) === true;
}

function headOf({ file, path, worldWritable }: Whereabouts): Buffer {
  return Buffer.from(`${JSON.stringify({ file, path, worldWritable })}\n`);
}

function isSame(file: number, copy: number, head: Buffer): boolean {
  const begin = Buffer.alloc(head.length);
  readSync(copy, begin, 0, head.length, null);
  if (!begin.equals(head)) return false;
  const [one, other] = [Buffer.allocUnsafeSlow(PART), Buffer.allocUnsafeSlow(PART)];
  // A byte order mark is not copied.
  const isMarked = readSync(file, one, 0, BOM.length, 0) === BOM.length && BOM.compare(one, 0, BOM.length) === 0;
  let at = isMarked ? BOM.length : 0;
  for (;;) {
    const length = readSync(file, one, 0, PART, at);
    at += length;
    if (readSync(copy, other, 0, PART, null) !== length) return false;
    if (length === 0) return true;
    if (one.compare(other, 0, length, 0, length) !== 0) return false;
  }
}
