import { readFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Given } from "./given.ts";
import { alone } from "./lock.ts";
import type { Origin } from "./origin.ts";
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
  /** What its entry was made of; null: nobody noted that. */
  readonly given: Given | null;
  /** What was there before; null: nobody noted that. */
  readonly origin: Origin | null;
}

/** Where what outlives a setup is kept: the copies of files as they were, and what was registered. */
export function stateFolder({ env, home }: Pick<Where, "env" | "home">): string {
  return join(env["XDG_STATE_HOME"] || join(home, ".local", "state"), "mcpfier");
}

/** All that was registered and not taken out again by us; what cannot be read counts as nothing. */
export function recall(where: Where): readonly Remembered[] {
  try {
    const rows: unknown = JSON.parse(readFileSync(fileOf(where), "utf8"));
    return Array.isArray(rows) ? rows.flatMap(rowsOf) : [];
  } catch {
    return [];
  }
}

/** What was there before a server was registered in a file, which several clients may read; null: nobody noted that. */
export function originIn(where: Where, file: string, name: string): Origin | null {
  return recall(where).find((row) => row.file === file && row.name === name && row.origin)?.origin ?? null;
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
    const known = recall(where);
    const kept = known.filter((row) => !keys.has(keyOf(row)));
    const rows = [...kept, ...added.map((row) => ({ ...row, origin: firstOrigin(row, known) }))];
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

/** The first server of ours in a file found what the last one gives back; one that was there already found it itself. */
function firstOrigin({ file, name, origin }: Remembered, known: readonly Remembered[]): Origin | null {
  const others = known.filter((row) => row.file === file && (row.name === name) === !origin);
  return others.find((row) => row.origin)?.origin ?? origin;
}

/** Earlier versions noted less. */
function rowsOf(row: unknown): readonly Remembered[] {
  const { client = "", file = "", name = "", at = "", tools, given, origin } = (row ?? {}) as Partial<Remembered>;
  if (![client, file, name, at].every((each) => typeof each === "string" && each !== "")) return [];
  return [{ client, file, name, at, tools: tools ?? null, given: given ?? null, origin: origin ?? null }];
}
