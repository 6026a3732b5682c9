import { isDeepStrictEqual } from "node:util";
import type { Client, Http, Stdio } from "./client.ts";
import { type Entry, type Document, type Format, type Refused, type Spot, isRefused } from "./format.ts";

/** How a server is started, or where it is reached. */
export type Launch = Start | { readonly url: string };

export interface Start {
  /** An absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  /** Names of variables that it gets from the client's environment. */
  readonly pass: readonly string[];
}

/** A text before and after; they are the same where there was nothing to do. */
export interface Edited {
  readonly spot: Spot;
  readonly before: Document;
  readonly after: Document;
}

/** What a client's file says of a server; null: the client takes no such server. */
export function entryOf({ stdio, http }: Client, name: string, launch: Launch): Entry | null {
  if (!("url" in launch)) return { ...named(stdio.extra, name), ...startOf(stdio, launch) };
  return typeof http === "string" ? null : { ...named(http.extra, name), [http.url]: launch.url };
}

/** The program, arguments and own variables of an entry, as its client reads them. */
export function startIn({ stdio }: Client, entry: Entry): Pick<Start, "command" | "args"> & { readonly env: Entry } {
  const words = [entry[stdio.program], stdio.args === null ? [] : entry[stdio.args]].flat().map(String);
  const [command = "", ...args] = words;
  return { command, args, env: (entry[stdio.env] ?? {}) as Entry };
}

/** The URL of an entry; undefined: its client starts the server. */
export function urlIn({ http }: Client, entry: Entry): string | undefined {
  const url = typeof http === "string" ? undefined : entry[http.url];
  return typeof url === "string" ? url : undefined;
}

/** The entry as it stands in an otherwise empty file. */
export function snippetOf(format: Format, client: Client, name: string, entry: Entry): string {
  return format.snippet(spotOf(client, name), {}, entry);
}

/** A text with the entry in it. Of one that is there only what starts the server is replaced; the rest is its user's. */
export function withEntry(format: Format, text: string, client: Client, name: string, entry: Entry): Edited | Refused {
  const { spot, before } = readAt(format, text, client, name);
  if (isRefused(before)) return before;
  if (!before.entry) {
    const { head } = client.form;
    const isNew = text.trim() === "" && Object.keys(head).length > 0;
    return proven(format, spot, before, {
      after: isNew ? format.snippet(spot, head, entry) : before.with([], entry),
      entry,
      isNew,
    });
  }
  const clash = clashOf(client, before.entry, entry);
  if (clash !== undefined) return { fault: `"${name}" is a server with ${clash}; --name gives this one another name` };
  const meant = merged(client, before.entry, entry);
  let after: string | Refused = text;
  for (const [keys, value] of changes(before.entry, meant)) {
    const now: Document | Refused = typeof after === "string" ? format.read(after, spot) : after;
    if (isRefused(now)) return now;
    after = now.with(keys, value);
  }
  return proven(format, spot, before, { after, entry: meant, isNew: false });
}

/** A text without the entry; where there was none, as it is. */
export function withoutEntry(format: Format, text: string, client: Client, name: string): Edited | Refused {
  const { spot, before } = readAt(format, text, client, name);
  if (isRefused(before)) return before;
  return proven(format, spot, before, { after: before.entry ? before.without() : text, entry: null, isNew: false });
}

/** What a text says of a server; null: nothing. */
export function entryIn(format: Format, text: string, client: Client, name: string): Entry | null | Refused {
  const { before } = readAt(format, text, client, name);
  return isRefused(before) ? before : before.entry;
}

function named(extra: Entry, name: string): Entry {
  return Object.fromEntries(Object.entries(extra).map(([key, value]) => [key, value === "NAME" ? name : value]));
}

/** A client that cannot pass a variable on needs its value there, which is its user's to write. */
function startOf({ program, args: key, env, pass: way }: Stdio, { command, args, pass }: Start): Entry {
  const started = key === null ? { [program]: [command, ...args] } : { [program]: command, [key]: args };
  if (pass.length === 0) return started;
  if (way && "names" in way) return { ...started, [way.names]: pass };
  const reference = way?.reference ?? "the value of NAME";
  return { ...started, [env]: Object.fromEntries(pass.map((each) => [each, reference.replace("NAME", () => each)])) };
}

function spotOf({ form }: Client, name: string, map: readonly string[] = form.map): Spot {
  return { map, name, isList: form.isList };
}

/** The text, read at the place of the servers that it has. */
function readAt(
  format: Format,
  text: string,
  client: Client,
  name: string,
): { readonly spot: Spot; readonly before: Document | Refused } {
  const spot = spotOf(client, name);
  const before = format.read(text, spot);
  const { newer } = client.form;
  if (isRefused(before) || !before.hasMap || !newer || isServer(format, text, client)) return { spot, before };
  const inner = spotOf(client, name, newer.map);
  const later = format.read(text, inner);
  const isThere = isRefused(later) || (later.hasMap && (later.entry !== null || before.entry === null));
  return isThere ? { spot: inner, before: later } : { spot, before };
}

/** Whether what stands where a later version has the servers is one of them. */
function isServer(format: Format, text: string, { form: { newer, isList } }: Client): boolean {
  const [map, name] = [newer?.map.slice(0, -1) ?? [], newer?.map.at(-1) ?? ""];
  const found = format.read(text, { map, name, isList });
  const entry = isRefused(found) ? null : found.entry;
  return newer?.marks.some((mark) => entry !== null && Object.hasOwn(entry, mark)) ?? false;
}

/** What another kind of server has, which this one would not replace but join. */
function clashOf({ stdio }: Client, had: Entry, entry: Entry): string | undefined {
  const isStarted = stdio.program in entry;
  const others = [...(isStarted ? [] : [stdio.program]), ...ELSEWHERE].filter((each) => !Object.hasOwn(entry, each));
  const key = others.find((each) => Object.hasOwn(had, each));
  return key === undefined ? undefined : `a "${key}"`;
}

/** Where some clients have had the address of a server, or all that tells how to reach it. */
const ELSEWHERE = ["url", "uri", "httpUrl", "serverUrl", "transport"];

/** The keys that say how a server is started or reached; all else of an entry that is there is its user's. */
function oursOf({ stdio, http }: Client): ReadonlySet<string> {
  const url: Http["url"][] = typeof http === "string" ? [] : [http.url];
  return new Set([stdio.program, ...(stdio.args === null ? [] : [stdio.args]), ...url]);
}

function merged(client: Client, had: Entry, entry: Entry): Entry {
  const ours = oursOf(client);
  const kept = Object.entries(entry).map(([key, value]) => {
    const old = had[key];
    if (ours.has(key) || old === undefined) return [key, value] as const;
    if (Array.isArray(old) && Array.isArray(value))
      return [key, key === namesOf(client) ? union(old, value) : old] as const;
    return [key, key === client.stdio.env ? { ...(value as Entry), ...(old as Entry) } : old] as const;
  });
  return { ...had, ...Object.fromEntries(kept) };
}

function namesOf({ stdio: { pass } }: Client): string | undefined {
  return pass && "names" in pass ? pass.names : undefined;
}

function union(one: readonly unknown[], other: readonly unknown[]): readonly unknown[] {
  return [...new Set([...one, ...other])];
}

type Change = readonly [keys: readonly string[], value: unknown];

/** The values that differ; of objects those that they lack, so that what stands in them stays as it is written. */
function changes(had: Entry, meant: Entry): readonly Change[] {
  return Object.entries(meant).flatMap(([key, value]): readonly Change[] => {
    const old = had[key];
    if (isDeepStrictEqual(old, value)) return [];
    if (!isObject(old) || !isObject(value)) return [[[key], value]];
    return changes(old, value).map(([keys, inner]) => [[key, ...keys], inner] as const);
  });
}

function isObject(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Meant {
  readonly after: string | Refused;
  readonly entry: Entry | null;
  /** All of it was made, so that there is nothing to compare with. */
  readonly isNew: boolean;
}

/** An edit counts only when what came of it, read again, has the entry that was meant, and nothing else that is new. */
function proven(
  format: Format,
  spot: Spot,
  before: Document,
  { after: edited, entry, isNew }: Meant,
): Edited | Refused {
  if (typeof edited !== "string") return edited;
  if (edited === before.text && isDeepStrictEqual(before.entry, entry)) return { spot, before, after: before };
  const after = format.read(edited, spot);
  if (isRefused(after) || !isDeepStrictEqual(after.entry, entry)) return UNPROVEN;
  return isNew || format.differOnlyAt(spot, before.text, edited) ? { spot, before, after } : UNPROVEN;
}

const UNPROVEN: Refused = { fault: "it could not be edited without touching something else" };
