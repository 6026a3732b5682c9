import { closeSync, constants, openSync, writeSync } from "node:fs";

/** A file that lines are added to, whoever else renames, cuts or writes it. */
export interface LogFile {
  write(line: string): void;
  /** Goes on in what the path names now, after something was renamed. Throws when that cannot be opened, and goes on in the old one. */
  reopen(): void;
}

// A pipe that nobody reads is an error, and not waited for. Windows has no such flag.
const ADDING = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0);
const STDERR = 2;

/** A new file is for us alone. Throws when it cannot be opened. What the disk does not take is written to stderr instead. */
export function openLogFile(path: string): LogFile {
  const open = (): number => openSync(path, ADDING, 0o600);
  let file = open();
  return {
    write: (line) => {
      if (!writeWhole(file, line)) writeWhole(STDERR, line);
    },
    reopen: () => {
      const before = file;
      file = open();
      closeSync(before);
    },
  };
}

/** A line goes out by one write, so that those of two servers do not mix. */
function writeWhole(file: number, line: string): boolean {
  try {
    return writeSync(file, line) === Buffer.byteLength(line);
  } catch {
    return false;
  }
}
