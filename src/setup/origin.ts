import type { Client } from "./client.ts";
import { type Edited, withEntry, withoutEntry } from "./entry.ts";
import { type Document, type Format, type Refused, isRefused } from "./format.ts";

/** What was there before the first server of ours: what is given back with the last one. */
export interface Origin {
  /** The text of a file that said nothing; null: there was no file; undefined: it said something. */
  readonly text?: string | null;
  /** How many of the keys that lead to the servers were there. */
  readonly depth: number;
  /** What stood behind the last of them for no servers, and was no map; null: something else did. */
  readonly stub: string | null;
}

/** What a first server goes into. `text` null: there is no file. */
export function originOf(text: string | null, { isEmpty, depth, stub }: Document): Origin {
  return { ...(isEmpty ? { text } : {}), depth, stub };
}

/** A server of ours in a client's file, and what was there before; null: nobody knows. */
export interface Ours {
  readonly client: Client;
  readonly name: string;
  readonly origin: Origin | null;
}

/** A text before and after; `after` null: the file goes too. */
export interface Removed {
  readonly before: Document;
  readonly after: Document | null;
}

/** A text without the entry, and without what was put around it, where nobody wrote anything else since then. */
export function withoutTrace(format: Format, text: string, ours: Ours): Removed | Refused {
  const { client, name, origin } = ours;
  const removed = withoutEntry(format, text, client, name);
  if (isRefused(removed) || !removed.before.entry || !origin) return removed;
  const back = isBlank(format, removed, ours) ? (origin.text ?? null) : withoutMaps(format, removed, origin);
  if (back === null) return { ...removed, after: null };
  const after = format.read(back, removed.spot);
  return isRefused(after) ? removed : { ...removed, after };
}

/** Whether nothing is left but what an entry leaves behind in a file that said nothing, by the proof of edits. */
function isBlank(format: Format, { spot, before, after }: Edited, { client, name, origin }: Ours): boolean {
  if (origin?.text === undefined || !before.entry) return false;
  const made = withEntry(format, origin.text ?? "", client, name, before.entry);
  const left = isRefused(made) ? made : withoutEntry(format, made.after.text, client, name);
  return !isRefused(left) && format.differOnlyAt(spot, left.after.text, after.text);
}

function withoutMaps(format: Format, { spot, after }: Edited, { depth, stub }: Origin): string {
  let { text } = after;
  if (stub !== null) return format.withoutMap(text, spot, stub);
  for (let end = spot.map.length; end > depth; end--)
    text = format.withoutMap(text, { ...spot, map: spot.map.slice(0, end) }, null);
  return text;
}
