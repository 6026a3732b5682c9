import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { faultOf } from "../base/files.ts";
import { copyToState } from "../setup/backup.ts";
import { createFile, readForChange, removeFile } from "../setup/file.ts";
import { makeFolders, removeFolders } from "../setup/folders.ts";
import { noted } from "../setup/notes.ts";
import { type Owner, ownerOf } from "../setup/owner.ts";
import type { Where } from "../setup/place.ts";
import { type Step, planFor } from "../setup/plan.ts";
import { isChange } from "./registration-report.ts";
import { inState, inTurn } from "../setup/state.ts";
import { replaceFile } from "./replace-file.ts";

export interface Written {
  /** What was done: what was planned, or what became of that when the file had changed by then. */
  readonly step: Step;
  /** Where the file is as it was. */
  readonly backup?: string;
  /** Why it was left as it is. */
  readonly fault?: string;
  /** Why what was done could not be noted. */
  readonly unnoted?: string;
}

/** How often it is planned anew for a file that others change. */
const MOST_PLANS = 2;

/** Writes a file as it was planned, or has its owner do that, as a user's file may have one, and notes it; other setups wait. */
export async function writeStep(where: Where, planned: Step, scope: "user" | "project" = "user"): Promise<Written> {
  const act = async (): Promise<Written> => {
    let step = planned;
    for (let left = MOST_PLANS; isChange(step); left--) {
      const now = step;
      const written = await noted(where, step, () => attempt(where, now, scope));
      const isDone = written.fault === undefined || written.backup !== undefined || left === 0;
      if (isDone || !(await isChanged(step))) return { ...written, step };
      step = await planFor(step.client, { file: step.file }, step.wish);
    }
    if (step.action === "manual") return { step };
    return { step, ...(await noted(where, step, () => Promise.resolve({}))) };
  };
  return inTurn(where, act).catch((error: unknown) => ({
    step: planned,
    [isChange(planned) ? "fault" : "unnoted"]: faultOf(error),
  }));
}

async function isChanged({ client, file, before }: Step): Promise<boolean> {
  const now = await readForChange(file, client.form.syntax);
  return "fault" in now || now.text !== before.text;
}

type Attempt = Pick<Written, "backup" | "fault">;

async function attempt(where: Where, step: Step, scope: "user" | "project"): Promise<Attempt> {
  const { client, file, before, after } = step;
  const copy = (path: string): Promise<string> => inState(where, () => copyToState(where, client.id, path));
  try {
    const owner = scope === "user" && mayAsk(step) ? ownerOf(client, where) : undefined;
    const byOwner = owner && (await writtenBy(owner, step, copy));
    if (byOwner) return byOwner;
    const { path, text } = before;
    if (after === null) {
      const backup = await removeFile(before, copy);
      await inState(where, () => removeFolders(where, dirname(path)));
      return { backup };
    }
    if (text !== null) return { backup: await replaceFile({ file, path, text, worldWritable: false }, after, copy) };
    await create(where, path, after);
    return {};
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

async function create(where: Where, path: string, text: string): Promise<void> {
  try {
    await makeFolders(where, dirname(path));
    await createFile(path, text);
  } catch (error) {
    await removeFolders(where, dirname(path));
    throw error;
  }
}

/**
 * What is there already is not changed by its owner, which would take it out first and then might not put the new one in; and what
 * it is told others see. A file that goes as a whole is no matter of it.
 */
function mayAsk({ had, entry, ours, after }: Step): boolean {
  return entry ? !had && isDeepStrictEqual(entry, ours) : after !== null;
}

/** undefined: the owner did nothing. */
async function writtenBy(
  owner: Owner,
  { client, file, wish: { name }, before: { path, text }, entry }: Step,
  copy: (path: string) => Promise<string>,
): Promise<Attempt | undefined> {
  const look = (): Promise<Step> => planFor(client, { file }, { name, launch: null });
  if ((await look()).before.text !== text) return { fault: "it changed in the meantime" };
  const kept = text === null ? {} : { backup: await copy(path) };
  const isDone = await owner({ name, entry }).then(
    () => true,
    () => false,
  );
  const now = await look();
  if (now.action !== "manual" && isDeepStrictEqual(now.had, entry)) return kept;
  if (!isDone && now.before.text === text) return undefined;
  return { ...kept, fault: "its own program was asked to write it, and wrote something else" };
}
