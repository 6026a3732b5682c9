import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { faultOf } from "../base/files.ts";
import { refuse } from "../base/refusal.ts";
import type { PathRule } from "./command.ts";
import { confine, realPath } from "./path.ts";

/** A file as it was read: all of it. */
export interface FileRead {
  /** Its real path. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly modified: Date;
}

const PIECE = 65_536;

// Windows has no such flags, and no such links and pipes.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Reads a file of at most so many bytes where a rule allows it, and refuses everything else, a link that leads out too. */
export async function readConfined(value: string, rule: PathRule, most: number): Promise<FileRead> {
  const found = confine(value, rule);
  if (!("path" in found)) throw refuse(found.code, `the file ${found.text}`);
  const { path } = found;
  const file = await openAt(path);
  try {
    const stats = await file.stat();
    // A link may have taken the place of a folder on the way after that was checked.
    if (!stats.isFile() || realPath(path) !== path) throw refuse("path.invalid", `${path} is not a file; expected one`);
    return { path, bytes: await readAll(file, most), modified: stats.mtime };
  } finally {
    await file.close();
  }
}

async function openAt(path: string): Promise<FileHandle> {
  try {
    return await open(path, FLAGS);
  } catch (error) {
    throw refuse("path.invalid", `${path} cannot be read: ${faultOf(error)}`);
  }
}

/** In pieces: it may grow while it is read, and a file of /proc has no size. */
async function readAll(file: FileHandle, most: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let done = 0; ;) {
    const piece = Buffer.alloc(Math.min(PIECE, most + 1 - done));
    const { bytesRead } = await file.read(piece, 0, piece.length, done);
    if (bytesRead === 0) return Buffer.concat(pieces);
    pieces.push(piece.subarray(0, bytesRead));
    done += bytesRead;
    if (done > most) throw refuse("path.invalid", `the file is larger than ${most} bytes, the most that is sent of it`);
  }
}
