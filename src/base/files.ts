import { type Stats, close, constants, open, read, write } from "node:fs";
import { lstat, mkdir, readdir, rmdir, unlink } from "node:fs/promises";
import { getSystemErrorMessage, promisify } from "node:util";

/** What stores ask of the file system, in one object, so that a test can let any of it fail. Each rejects as Node's do. */
export interface Files {
  /** A new file, for us alone; what stands there already is an error, a link too. */
  create(path: string): Promise<OpenFile>;
  /** A file to read; a link is an error, and a pipe is not waited for. */
  open(path: string): Promise<OpenFile>;
  /** A folder and what is missing above it, for us alone. */
  mkdir(path: string): Promise<void>;
  readdir(path: string): Promise<readonly string[]>;
  /** Of the thing itself, also when it is a link. */
  stat(path: string): Promise<Stats>;
  unlink(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
}

export interface OpenFile {
  /** May write less than all; says how much. */
  write(bytes: Buffer, position: number): Promise<number>;
  /** May read less than there is; 0 at the end. */
  read(into: Buffer, position: number): Promise<number>;
  close(): Promise<void>;
}

// Windows has no such flag, and no such links.
const NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const NONBLOCK = constants.O_NONBLOCK ?? 0;
const NEW = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | NOFOLLOW;

export const diskFiles: Files = {
  create: (path) => openFile(path, NEW),
  open: (path) => openFile(path, constants.O_RDONLY | NOFOLLOW | NONBLOCK),
  mkdir: async (path) => void (await mkdir(path, { recursive: true, mode: 0o700 })),
  readdir: (path) => readdir(path),
  stat: (path) => lstat(path),
  unlink: (path) => unlink(path),
  rmdir: (path) => rmdir(path),
};

// Numbers cost less than the handles of `node:fs/promises`, and each call that prints makes two files.
const openNumber = promisify(open);
const closeNumber = promisify(close);
const writeNumber = promisify(write);
const readNumber = promisify(read);

async function openFile(path: string, flags: number): Promise<OpenFile> {
  const fd = await openNumber(path, flags, 0o600);
  return {
    write: async (bytes, position) => (await writeNumber(fd, bytes, 0, bytes.length, position)).bytesWritten,
    read: async (into, position) => (await readNumber(fd, into, 0, into.length, position)).bytesRead,
    close: () => closeNumber(fd),
  };
}

/** Writes all of it; rejects when the file takes no more. */
export async function writeAll(file: OpenFile, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const count = await file.write(bytes.subarray(done), position + done);
    if (count === 0) throw Object.assign(new Error("the file takes no more bytes"), { code: "ENOSPC" });
    done += count;
  }
}

/** Reads until the buffer is full or the file ends, and gives what came. */
export async function readUpTo(file: OpenFile, into: Buffer, position: number): Promise<Buffer> {
  let done = 0;
  while (done < into.length) {
    const count = await file.read(into.subarray(done), position + done);
    if (count === 0) break;
    done += count;
  }
  return into.subarray(0, done);
}

/** An error of the system in words, with its code; Node's own words would tell the path. */
export function faultOf(error: unknown): string {
  const { code = "", errno, message = String(error) } = error as Partial<NodeJS.ErrnoException>;
  const words = FAULTS.get(code) ?? (errno === undefined ? message : getSystemErrorMessage(errno));
  return code === "" ? words : `${words} (${code})`;
}

const FAULTS: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EIO", "the disk failed"],
  ["EMFILE", "too many files are open"],
  ["ENFILE", "too many files are open on this machine"],
  ["EROFS", "the file system is read-only"],
  ["EACCES", "permission was denied"],
  ["EPERM", "permission was denied"],
  ["ENOENT", "it is gone"],
  ["ENOTDIR", "a file stands where a folder is expected"],
  ["EEXIST", "something else stands in its place"],
  ["EISDIR", "a folder stands in its place"],
  ["ESPIPE", "a pipe stands in its place"],
  ["ELOOP", "a link stands in its place, or leads in a circle"],
]);
