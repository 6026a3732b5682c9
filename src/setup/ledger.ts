import { readFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { alone } from "./lock.ts";
import type { Where } from "./place.ts";

/** A server that was registered, and how its last start went. */
export interface Remembered {
  readonly client: string;
  readonly file: string;
  readonly name: string;
  /** When, as ISO 8601. */
  readonly at: string;
  /** null: it did not start. */
  readonly tools: number | null;
}

/** Where what outlives a setup is kept: the copies of files as they were, and what was registered. */
export function stateFolder({ env, home }: Pick<Where, "env" | "home">): string {
  return join(env["XDG_STATE_HOME"] || join(home, ".local", "state"), "mcpfier");
}

/** All that was registered and not taken out again by us; what cannot be read counts as nothing. */
export function recall(where: Where): readonly Remembered[] {
  try {
    const rows: unknown = JSON.parse(readFileSync(fileOf(where), "utf8"));
    return Array.isArray(rows) ? rows.filter(isRemembered) : [];
  } catch {
    return [];
  }
}

/** Notes registrations, and forgets the ones that were taken out. Rejects when it cannot be written. */
export async function remember(
  where: Where,
  added: readonly Remembered[],
  gone: readonly Pick<Remembered, "client" | "file" | "name">[],
): Promise<void> {
  const keys = new Set([...added, ...gone].map(keyOf));
  const file = fileOf(where);
  const next = `${file}.${process.pid}.new`;
  await inTurn(where, async () => {
    const rows = [...recall(where).filter((row) => !keys.has(keyOf(row))), ...added];
    try {
      await writeFile(next, `${JSON.stringify(rows, null, 2)}\n`, { flag: "wx", mode: 0o600 });
      await rename(next, file);
    } finally {
      await rm(next, { force: true });
    }
  });
}

/** Does something while no other mcpfier of this user changes a client's file, or what is remembered of them. */
export function inTurn<T>(where: Where, act: () => Promise<T>): Promise<T> {
  return alone(join(stateFolder(where), "setup.lock"), act);
}

function fileOf(where: Where): string {
  return join(stateFolder(where), "registrations.json");
}

function keyOf({ client, file, name }: Pick<Remembered, "client" | "file" | "name">): string {
  return JSON.stringify([client, file, name]);
}

function isRemembered(row: unknown): row is Remembered {
  const { client, file, name, at } = (row ?? {}) as Partial<Remembered>;
  return [client, file, name, at].every((each) => typeof each === "string");
}
