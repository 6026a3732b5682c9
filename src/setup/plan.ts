import type { Client, Entry } from "./client.ts";
import { diffOf } from "./diff.ts";
import { type Refused, valueAt } from "./edit.ts";
import { type Launch, entryOf, withEntry, withoutEntry } from "./entry.ts";
import { readForChange } from "./file.ts";
import { createReader } from "./jsonc.ts";
import type { Place } from "./place.ts";

/** What would be done to one client's file. */
export interface Step {
  readonly client: Client;
  readonly file: string;
  /** What the server is called there. */
  readonly name: string;
  /** `manual`: it is left alone, for `reason`, and its user may do it. */
  readonly action: "create" | "update" | "remove" | "unchanged" | "manual";
  readonly reason: string;
  /** The real path, and its text without a byte order mark; null: there is no file yet. */
  readonly before: { readonly path: string; readonly text: string | null };
  readonly after: string;
  /** What the file says of the server then. */
  readonly entry: Entry | null;
  /** Without anybody's secrets; empty where nothing changes. */
  readonly diff: string;
}

export interface Wish {
  readonly name: string;
  /** null: the entry goes. */
  readonly launch: Launch | null;
}

/** What is to be done in a client's file; nothing is written. */
export async function planFor(client: Client, place: Place, { name, launch }: Wish): Promise<Step> {
  const file = "file" in place ? place.file : (place.several[0] ?? "");
  const entry = launch && entryOf(client, launch);
  const nothing = { client, file, name, reason: "", before: { path: file, text: null }, after: "", entry, diff: "" };
  const before = faultOf(client, place, launch) ?? (await readForChange(file));
  if ("fault" in before) return { ...nothing, action: "manual", reason: before.fault };
  const read = await createReader();
  const text = before.text ?? "";
  const edited = entry ? withEntry(read, text, client, name, entry) : withoutEntry(read, text, client, name);
  if ("fault" in edited) return { ...nothing, action: "manual", reason: edited.fault };
  const { after, had, has } = edited;
  const written = { ...nothing, before, after: after.text, entry: has ? (has.data() as Entry) : null };
  if (after.text === text) return { ...written, action: "unchanged" };
  const old = before.text === null ? null : { text: edited.before, ours: had };
  const diff = diffOf(file, old, { text: after, ours: has });
  return { ...written, action: !has ? "remove" : had ? "update" : "create", diff };
}

/** What is in the way whatever the file holds. */
function faultOf({ reference }: Client, place: Place, launch: Launch | null): Refused | undefined {
  if ("several" in place)
    return { fault: `nobody can tell which of these files it reads: ${place.several.join(", ")}` };
  return reference === null && launch && launch.pass.length > 0 ? { fault: NO_VARIABLES } : undefined;
}

const NO_VARIABLES =
  'this client passes no variables on by name: leave --pass out, and write what the server needs into "env" of its entry';

/** Whether a client's file has an entry of this name. */
export async function hasEntry(client: Client, file: string, name: string): Promise<boolean> {
  const found = await readForChange(file);
  if ("fault" in found || found.text === null) return false;
  const text = (await createReader())(found.text, client.syntax);
  const value = "fault" in text ? undefined : valueAt(text, [...client.map, name]);
  return value !== undefined && !("fault" in value);
}
