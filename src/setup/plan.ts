import type { Client } from "./client.ts";
import { diffOf } from "./diff.ts";
import { type Launch, entryIn, entryOf, withEntry } from "./entry.ts";
import { readForChange } from "./file.ts";
import { type Entry, type Refused, isRefused } from "./format.ts";
import { LARGEST, loadFormat, tooLarge } from "./formats.ts";
import { type Origin, type Removed, originOf, withoutTrace } from "./origin.ts";
import type { Place } from "./place.ts";

/** What would be done to one client's file. */
export interface Step {
  readonly client: Client;
  /** Empty where there is none. */
  readonly file: string;
  readonly wish: Wish;
  /** What we write of the server ourselves; null: nothing. */
  readonly ours: Entry | null;
  /** `manual`: it is left alone, for `reason`, and its user may do it. */
  readonly action: "create" | "update" | "remove" | "unchanged" | "manual";
  readonly reason: string;
  /** The real path, and its text without a byte order mark; null: there is no file yet. */
  readonly before: { readonly path: string; readonly text: string | null };
  /** null: the file goes. */
  readonly after: string | null;
  /** What the file says of the server now, as far as that can be told. */
  readonly had: Entry | null;
  /** What it says of the server then. */
  readonly entry: Entry | null;
  /** What is there before a first server goes in; of a server that goes, what was there before; null: nobody knows. */
  readonly origin: Origin | null;
  /** Without anybody's secrets; empty where nothing changes. Made when it is asked for, which takes a while in large files. */
  diff(): string;
}

export interface Wish {
  readonly name: string;
  /** null: the entry goes. */
  readonly launch: Launch | null;
  /** What was there before the entry that goes; without it, nobody knows. */
  readonly origin?: Origin | null;
}

/** What is to be done in a client's file; nothing is written. */
export async function planFor(client: Client, place: Place, wish: Wish): Promise<Step> {
  const { name, launch, origin = null } = wish;
  const file = "file" in place ? place.file : "several" in place ? (place.several[0] ?? "") : "";
  const ours = launch && entryOf(client, name, launch);
  const before = faultOf(client, place, launch) ?? (await readForChange(file, client.form.syntax));
  const nothing = {
    client,
    file,
    wish,
    ours,
    reason: "",
    before: { path: file, text: null },
    after: "",
    origin,
    diff: () => "",
  };
  const manual = { ...nothing, action: "manual", had: null, entry: ours } as const;
  if ("fault" in before) return { ...manual, reason: before.fault };
  const format = await loadFormat(client.form.syntax);
  const text = before.text ?? "";
  const edited = bounded(() =>
    ours
      ? withEntry(format, text, client, name, ours)
      : withoutTrace(format, text, { client, name, origin: lasting(origin, before.isLink) }),
  );
  if (isRefused(edited)) return { ...manual, reason: edited.fault };
  const step = stepOf({ ...nothing, before }, before.lock, edited);
  const isGrown = step.action === "create" || step.action === "update";
  const isTooLarge = isGrown && Buffer.byteLength(step.after ?? "") > LARGEST[client.form.syntax] * 1024;
  return isTooLarge
    ? { ...manual, before, had: step.had, reason: `with the entry it is ${tooLarge(client.form.syntax)}` }
    : step;
}

/** What comes of an edit. */
function stepOf(step: Omit<Step, "action" | "had" | "entry">, lock: string, { before: old, after }: Removed): Step {
  const { file, before, ours } = step;
  const written = { ...step, after: after && after.text, had: old.entry, entry: after && after.entry };
  if (after?.text === (before.text ?? "")) return { ...written, action: "unchanged" };
  if (lock !== "") return { ...written, action: "manual", reason: lock };
  const diff = (): string => diffOf(file, before.text === null ? null : old, after, ours);
  if (!after?.entry) return { ...written, diff, action: "remove" };
  if (old.entry) return { ...written, diff, action: "update" };
  return { ...written, diff, action: "create", origin: originOf(before.text, old) };
}

/** A file that became a link since it was made is not only ours. */
function lasting(origin: Origin | null, isLink: boolean): Origin | null {
  return isLink && origin?.text === null ? { depth: origin.depth, stub: origin.stub } : origin;
}

/** Values are compared by descending into them, for which there may be too much of them. */
function bounded<T>(act: () => T): T | Refused {
  try {
    return act();
  } catch (error) {
    if (error instanceof RangeError) return { fault: "it is nested too deeply to be compared" };
    throw error;
  }
}

/** What is in the way whatever the file holds. */
function faultOf({ stdio, http }: Client, place: Place, launch: Launch | null): Refused | undefined {
  if ("byHand" in place) return { fault: place.byHand };
  if ("several" in place)
    return { fault: `nobody can tell which of these files it reads: ${place.several.join(", ")}` };
  if (launch && "url" in launch) return typeof http === "string" ? { fault: http } : undefined;
  return stdio.pass === null && launch && launch.pass.length > 0 ? { fault: NO_VARIABLES } : undefined;
}

const NO_VARIABLES =
  'this client passes no variables on by name: leave --pass out, and write what the server needs into "env" of its entry';

/** Whether a client's file has an entry of this name. */
export async function hasEntry(client: Client, file: string, name: string): Promise<boolean> {
  const found = await readForChange(file, client.form.syntax);
  return !("fault" in found) && found.text !== null && (await entryAt(client, found.text, name)) !== null;
}

/** What a client's file says of a server; null: nothing, or nothing that can be read. */
export async function entryAt(client: Client, text: string, name: string): Promise<Entry | null> {
  const format = await loadFormat(client.form.syntax);
  const entry = bounded(() => entryIn(format, text, client, name));
  return entry === null || isRefused(entry) ? null : entry;
}
