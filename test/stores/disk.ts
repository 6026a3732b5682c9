// A file system that fails where a test wants it to.
import { type Files, type OpenFile, diskFiles } from "../../src/base/files.ts";

export type Failure = "ENOSPC" | "EIO" | "EMFILE" | "short write" | "no write";

export interface Disk {
  readonly files: Files;
  /** How often it was asked for something. */
  asked(): number;
  /** Files that are open now. */
  open(): number;
}

/** Fails when it is asked for the nth time, counted from 1, or from then on. */
export function failingDisk(nth: number, failure: Failure, times: "once" | "always" = "once"): Disk {
  let asked = 0;
  let open = 0;

  function isDue(): boolean {
    asked++;
    return times === "once" ? asked === nth : asked >= nth;
  }

  function ask<Args extends unknown[], T>(real: (...args: Args) => Promise<T>): (...args: Args) => Promise<T> {
    return async (...args) => {
      const isWrong = isDue() && failure !== "short write" && failure !== "no write";
      if (isWrong) throw Object.assign(new Error(`${failure}: made up`), { code: failure });
      return real(...args);
    };
  }

  function opened(file: OpenFile): OpenFile {
    open++;
    return {
      read: ask((into: Buffer, position: number) => file.read(into, position)),
      write: async (bytes, position) => {
        if (!isDue()) return file.write(bytes, position);
        if (failure === "no write") return 0;
        // As a disk that is about to be full does it.
        const count = await file.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), position);
        if (failure === "short write") return count;
        throw Object.assign(new Error(`${failure}: made up`), { code: failure });
      },
      close: async () => {
        open--;
        await file.close();
        if (isDue() && !failure.endsWith("write"))
          throw Object.assign(new Error(`${failure}: made up`), { code: failure });
      },
    };
  }

  const files: Files = {
    create: async (path) => opened(await ask(diskFiles.create)(path)),
    open: async (path) => opened(await ask(diskFiles.open)(path)),
    mkdir: ask(diskFiles.mkdir),
    readdir: ask(diskFiles.readdir),
    stat: ask(diskFiles.stat),
    unlink: ask(diskFiles.unlink),
    rmdir: ask(diskFiles.rmdir),
  };
  return { files, asked: () => asked, open: () => open };
}
