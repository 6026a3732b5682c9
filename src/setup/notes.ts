import { realpathSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { givenIn } from "./given.ts";
import { type Remembered, isOf, recall, remember } from "./ledger.ts";
import type { Origin } from "./origin.ts";
import type { Where } from "./place.ts";
import { type Step, entryAt } from "./plan.ts";
import { clients } from "./registry.ts";

/**
 * Notes what a step does. What is put into a file is noted before, so that no end of ours loses what was there before: a note without
 * its entry is worth nothing. What is taken out is forgotten then. Only for who has the turn.
 */
export async function noted<T extends { readonly fault?: string }>(
  where: Where,
  step: Step,
  write: () => Promise<T>,
): Promise<T & { readonly unnoted?: string }> {
  const before = recall(where);
  const after = step.entry ? await withRow(before, step) : withoutRows(before, step);
  const during = step.entry ? after : before;
  if (during !== before) await remember(where, during);
  const written = await write();
  const next = written.fault === undefined ? after : before;
  if (next === during) return written;
  return remember(where, next).then(
    () => written,
    (error: unknown) => ({ ...written, unnoted: (error as Error).message }),
  );
}

async function withRow(known: readonly Remembered[], step: Step): Promise<readonly Remembered[]> {
  const { client, file, wish, entry, action } = step;
  const key = { client: client.id, file, name: wish.name };
  const others = known.filter((row) => !isOf(row, key));
  if (!entry || (action === "unchanged" && others.length < known.length)) return known;
  const origin = await firstOrigin(known, step);
  return [...others, { ...key, at: new Date().toISOString(), given: givenIn(client, entry), origin }];
}

/** Of a file and a name, whichever clients read it, by whichever link. */
function withoutRows(known: readonly Remembered[], { file, before, wish }: Step): readonly Remembered[] {
  const kept = known.filter(
    (row) => row.name !== wish.name || (row.file !== file && realOf(row.file) !== realOf(before.path)),
  );
  return kept.length === known.length ? known : kept;
}

/** The first server of ours in a file found what the last one gives back. Who is not there as it was written says nothing of this file. */
async function firstOrigin(known: readonly Remembered[], { file, before, wish, origin }: Step): Promise<Origin | null> {
  const rows = known.filter((row) => row.file === file && row.origin);
  const ownFirst = rows.toSorted((one, other) => Number(other.name === wish.name) - Number(one.name === wish.name));
  for (const row of ownFirst) if (before.text !== null && (await isAsWritten(row, before.text))) return row.origin;
  return origin;
}

async function isAsWritten({ client: id, name, given }: Remembered, text: string): Promise<boolean> {
  const client = clients.find((each) => each.id === id);
  const entry = client && (await entryAt(client, text, name));
  return client !== undefined && entry != null && isDeepStrictEqual(givenIn(client, entry), given);
}

function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
