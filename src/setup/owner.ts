import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Client } from "./client.ts";
import type { Entry } from "./format.ts";
import { type Where, programOf } from "./place.ts";

/** Asks a client's program to make a change; rejects when it does not want to. */
export type Owner = (change: Change) => Promise<void>;

export interface Change {
  readonly name: string;
  /** What is added, which everybody sees who lists processes; null: what is there goes. */
  readonly entry: Entry | null;
}

interface Words {
  readonly program: string;
  add(name: string, entry: Entry): readonly string[];
  remove(name: string): readonly string[];
}

/** Programs that write the file of a user all the time: what they are asked to write they do not write over. */
const OWNERS: Readonly<Record<string, Words>> = {
  "claude-code": {
    program: "claude",
    add: (name, entry) => ["mcp", "add-json", "-s", "user", name, JSON.stringify(entry)],
    remove: (name) => ["mcp", "remove", "-s", "user", name],
  },
};

const PATIENCE_MS = 20_000;

/** The owner of a client's file, where its program is on PATH. What comes of a change is the caller's to check. */
export function ownerOf({ id }: Client, where: Where): Owner | undefined {
  const words = OWNERS[id];
  const program = words && programOf(words.program, where);
  // What `npm` puts there on Windows needs a shell, which an entry must not pass through.
  if (!words || program === undefined || program.endsWith(".cmd")) return undefined;
  const run = promisify(execFile);
  const options = { env: { ...where.env }, timeout: PATIENCE_MS, cwd: where.home };
  return async ({ name, entry }) => {
    await run(program, entry ? words.add(name, entry) : words.remove(name), options);
  };
}
