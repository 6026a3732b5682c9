import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { chmod, chown, mkdir, rm, writeFile } from "node:fs/promises";

/** What the executors ask of the system; a test puts in its place what the system does when it has nothing left. */
export const system = {
  spawn,
  chmod,
  chown,
  mkdir,
  rm,
  writeFile,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  writeFileSync,
};

const EXHAUSTED = new Set<unknown>(["EMFILE", "ENFILE", "EAGAIN", "ENOMEM", "ENOSPC", "EDQUOT"]);

const MISSING = new Set<unknown>(["ENOENT", "ENOTDIR", "ESRCH", "EACCES", "EPERM"]);

/** An error with a code of the system, as Node throws them. */
export function systemFault(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Whether something is not there, or not ours to see. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && MISSING.has(error.code);
}

/** Whether the system refused something because it has nothing left of it now. */
export function isExhausted(error: unknown): boolean {
  return error instanceof Error && "code" in error && EXHAUSTED.has(error.code);
}
