import { isDeepStrictEqual } from "node:util";
import type { Client, Entry } from "./client.ts";
import { type Refused, valueAt, withValue, withoutValue } from "./edit.ts";
import type { Reader, Text, Value } from "./jsonc.ts";
import { differOnlyAt } from "./proof.ts";

/** How a server is started. */
export interface Launch {
  /** An absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  /** Names of variables that it gets from the client's environment. */
  readonly pass: readonly string[];
}

/** A text before and after, and where our entry stands in each; the texts are the same where there was nothing to do. */
export interface Edited {
  readonly before: Text;
  readonly after: Text;
  readonly had: Value | undefined;
  readonly has: Value | undefined;
}

/** What a client's file says of a server; a client that cannot pass a variable on needs its value there, which is its user's to write. */
export function entryOf({ extra, reference }: Client, { command, args, pass }: Launch): Entry {
  const env = Object.fromEntries(
    pass.map((name) => [name, (reference ?? "the value of NAME").replace("NAME", () => name)]),
  );
  return { ...extra, command, args, ...(pass.length > 0 ? { env } : {}) };
}

/** The entry as it stands in an otherwise empty file. */
export function snippetOf({ map }: Client, name: string, entry: Entry): string {
  const whole = [...map, name].reduceRight<unknown>((inner, key) => ({ [key]: inner }), entry);
  return `${JSON.stringify(whole, null, 2)}\n`;
}

/** A text with the entry in it. Of one that is there only what starts the server is replaced; the rest is its user's. */
export function withEntry(
  read: Reader,
  before: string,
  { map, syntax }: Client,
  name: string,
  entry: Entry,
): Edited | Refused {
  const text = read(before, syntax);
  if ("fault" in text) return text;
  const path = [...map, name];
  const there = valueAt(text, path);
  if (!there) return proven(read, text, withValue(text, path, entry), { path, syntax, entry });
  if ("fault" in there) return there;
  if (!there.members) return { fault: `"${path.join(".")}" is ${there.kind}, and an object is expected` };
  const url = there.members.find(({ key }) => URLS.has(key));
  if (url) return { fault: `"${path.join(".")}" is a server with a "${url.key}"; --name gives this one another name` };
  const had = there.data() as Entry;
  let after: string | Refused = before;
  for (const [keys, value] of changes(had, entry)) {
    const now: Text | Refused = typeof after === "string" ? read(after, syntax) : after;
    if ("fault" in now) return now;
    after = withValue(now, [...path, ...keys], value);
  }
  return proven(read, text, after, { path, syntax, entry: merged(had, entry) });
}

/** A text without the entry; where there was none, as it is. */
export function withoutEntry(read: Reader, before: string, { map, syntax }: Client, name: string): Edited | Refused {
  const text = read(before, syntax);
  if ("fault" in text) return text;
  const path = [...map, name];
  return proven(read, text, withoutValue(text, path), { path, syntax, entry: null });
}

/** Keys of servers that are reached, not started. */
const URLS = new Set(["url", "serverUrl", "httpUrl"]);
/** What starts the server. */
const OURS = new Set(["command", "args"]);

function changes(had: Entry, entry: Entry): readonly (readonly [keys: readonly string[], value: unknown])[] {
  return Object.entries(entry).flatMap(([key, value]): (readonly [readonly string[], unknown])[] => {
    if (OURS.has(key) || !Object.hasOwn(had, key)) return [[[key], value]];
    if (key !== "env") return [];
    const names = Object.keys(had["env"] ?? {});
    return Object.entries(value as object).flatMap(([name, inner]) =>
      names.includes(name) ? [] : [[["env", name], inner] as const],
    );
  });
}

function merged(had: Entry, entry: Entry): Entry {
  const { env, ...rest } = { ...entry, ...had, command: entry["command"], args: entry["args"] } as Entry;
  return env === undefined ? rest : { ...rest, env: { ...(entry["env"] as Entry), ...(env as Entry) } };
}

interface Meant {
  readonly path: readonly string[];
  readonly syntax: Client["syntax"];
  readonly entry: Entry | null;
}

/** An edit counts only when what came of it, read again, has the entry that was meant, and nothing else that is new. */
function proven(
  read: Reader,
  before: Text,
  edited: string | Refused,
  { path, syntax, entry }: Meant,
): Edited | Refused {
  if (typeof edited !== "string") return edited;
  const after = read(edited, syntax);
  if ("fault" in after) return UNPROVEN;
  const [had, has] = [before, after].map((text) => valueAt(text, path));
  if ((had && "fault" in had) || (has && "fault" in has)) return UNPROVEN;
  const isMeant = has ? isDeepStrictEqual(has.data(), entry) : entry === null;
  return isMeant && differOnlyAt(before, after, path) ? { before, after, had, has } : UNPROVEN;
}

const UNPROVEN: Refused = { fault: "it could not be edited without touching something else" };
