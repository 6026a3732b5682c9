import { readFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { faultOf } from "../base/files.ts";
import { stateFolder } from "../base/state-folder.ts";
import { alone } from "./lock.ts";
import type { Where } from "./place.ts";

type Home = Pick<Where, "env" | "home">;

export function stateFile(where: Home, name: string): string {
  return join(stateFolder(where), name);
}

/** What is kept in a file; undefined: there is none. Throws when it cannot be read. */
export function readState(where: Home, name: string): unknown {
  try {
    return JSON.parse(readFileSync(stateFile(where, name), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Keeps something in a file, whole or not at all; null: it goes. Only for who has the turn. */
export async function writeState(where: Home, name: string, value: unknown): Promise<void> {
  const file = stateFile(where, name);
  if (value === null) return rm(file, { force: true });
  const next = `${file}.new`;
  // Of one that died.
  await rm(next, { force: true });
  try {
    await writeFile(next, `${JSON.stringify(value, null, 2)}\n`, { flag: "wx", mode: 0o600 });
    await rename(next, file);
  } finally {
    await rm(next, { force: true });
  }
}

/** Does something while no other mcpfier of this user changes a client's file, or what is remembered of them. */
export function inTurn<T>(where: Home, act: () => Promise<T>): Promise<T> {
  return inState(where, () => alone(stateFile(where, "setup.lock"), act));
}

/** Does something that only the state can fail: who reads why has to know where. */
export function inState<T>(where: Home, act: () => Promise<T>): Promise<T> {
  return act().catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new Error(`${stateFolder(where)}, where mcpfier keeps what was there before, fails: ${faultOf(error)}`, {
      cause: error,
    });
  });
}
