import { isDeepStrictEqual } from "node:util";
import { faultOf } from "../base/files.ts";
import { copyToState } from "../setup/backup.ts";
import { createFile } from "../setup/file.ts";
import { type Owner, ownerOf } from "../setup/owner.ts";
import type { Where } from "../setup/place.ts";
import { type Step, planFor } from "../setup/plan.ts";
import { replaceFile } from "./replace-file.ts";

export interface Written {
  /** Where the file is as it was. */
  readonly backup?: string;
  /** Why it was left as it is. */
  readonly fault?: string;
}

/** Writes a file as it was planned, or has its owner do that, as a user's file may have one. */
export async function writeStep(where: Where, step: Step, scope: "user" | "project" = "user"): Promise<Written> {
  const { client, file, before, after } = step;
  const copy = (path: string): Promise<string> => copyToState(where, client.id, path);
  try {
    const owner = scope === "user" ? ownerOf(client, where) : undefined;
    const byOwner = owner && (await writtenBy(owner, step, copy));
    if (byOwner) return byOwner;
    const { path, text } = before;
    if (text !== null) return { backup: await replaceFile({ file, path, text, worldWritable: false }, after, copy) };
    await createFile(path, after);
    return {};
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

/** undefined: the owner did nothing. */
async function writtenBy(
  owner: Owner,
  { client, file, wish: { name }, before: { path, text }, had, entry }: Step,
  copy: (path: string) => Promise<string>,
): Promise<Written | undefined> {
  const look = (): Promise<Step> => planFor(client, { file }, { name, launch: null });
  if ((await look()).before.text !== text) return { fault: "it changed in the meantime" };
  const kept = text === null ? {} : { backup: await copy(path) };
  const isDone = await owner({ name, had, entry }).then(
    () => true,
    () => false,
  );
  const now = await look();
  if (now.action !== "manual" && isDeepStrictEqual(now.had, entry)) return kept;
  if (!isDone && now.before.text === text) return undefined;
  return { ...kept, fault: "its own program was asked to write it, and wrote something else" };
}
