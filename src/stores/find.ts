import { join } from "node:path";
import { type Files, faultOf, readUpTo } from "../base/files.ts";
import { Refusal, refuse } from "../base/refusal.ts";
import { type RecordFacts, type StreamName, parseFacts } from "./record.ts";
import { IS_OWNER } from "./sweep.ts";

/** Facts are a few hundred bytes. */
const LONGEST_FACTS = 64 * 1024;

/** A record that was written to its end, by whichever server; throws a `Refusal` when there is none. */
export async function findRecord(
  files: Files,
  folder: string,
  id: string,
  stream: StreamName,
): Promise<{ readonly path: string; readonly facts: RecordFacts }> {
  const owners = await files.readdir(folder).catch(() => []);
  for (const owner of owners.filter((name) => IS_OWNER.test(name))) {
    const facts = await readFacts(files, join(folder, owner), id);
    if (facts) return { path: join(folder, owner, `${id}.${stream}`), facts };
  }
  throw missingRecord(id);
}

async function readFacts(files: Files, owner: string, id: string): Promise<RecordFacts | undefined> {
  // A link would lead elsewhere.
  const isFolder = (await files.stat(owner).catch(() => undefined))?.isDirectory();
  const file = isFolder === true ? await files.open(join(owner, `${id}.json`)).catch(() => undefined) : undefined;
  if (!file) return undefined;
  try {
    const facts = parseFacts((await readUpTo(file, Buffer.alloc(LONGEST_FACTS), 0)).toString());
    if (facts && facts.id !== id) throw new Error("it is damaged");
    return facts;
  } finally {
    await file.close();
  }
}

export function missingRecord(id: string): Refusal {
  return refuse(
    "record.missing",
    `there is no record of a call "${id}": expected the id of a call that printed something; records are removed after some time, so it may be gone: call the tool again`,
  );
}

/** Why a record cannot be read, as the reader is told. */
export function unreadableRecord(id: string, error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return missingRecord(id);
  return refuse("record.unreadable", `the record of call ${id} cannot be read: ${faultOf(error)}`);
}
