import { readFileSync } from "node:fs";
import { statOf } from "../base/stat.ts";
import { isOurs, put } from "./own-file.ts";

/** Texts that were made of a checked catalogue, beside its copy. They count as long as this very copy does. */
export interface Kept {
  /** Undefined: there is none that counts. */
  read(name: string): Buffer | undefined;
  /** A name is made of letters, digits and dashes. */
  write(name: string, text: string): void;
}

const NEWLINE = 10;

/** In files whose names begin with a stem. The first line of each tells its length, so that one that was cut is none. */
export function createKept(stem: string): Kept {
  return {
    read: (name) => {
      try {
        const path = `${stem}${name}`;
        if (!isOurs(path) || !statOf(path)?.isFile()) return undefined;
        const bytes = readFileSync(path);
        const text = bytes.subarray(bytes.indexOf(NEWLINE) + 1);
        return bytes.toString("latin1", 0, bytes.length - text.length) === `${text.length}\n` ? text : undefined;
      } catch {
        return undefined;
      }
    },
    write: (name, text) => {
      try {
        put(`${stem}${name}`, `${Buffer.byteLength(text)}\n${text}`);
      } catch {
        // No place to write: it is made again.
      }
    },
  };
}
