import type { Client } from "./client.ts";
import { startIn, urlIn } from "./entry.ts";
import type { Entry } from "./format.ts";

/** What `mcpfier setup` has to be told to write an entry; null and none: nothing. */
export interface Given {
  readonly http: string | null;
  readonly config: string | null;
  readonly workspace: string | null;
  readonly pass: readonly string[];
}

/** What an entry was made of, as far as it still says that. */
export function givenIn(client: Client, entry: Entry): Given {
  const http = urlIn(client, entry) ?? null;
  if (http !== null) return { http, config: null, workspace: null, pass: [] };
  const { args } = startIn(client, entry);
  const behind = (option: string): string | null =>
    args.includes(option) ? (args[args.indexOf(option) + 1] ?? null) : null;
  return { http, config: behind("--config"), workspace: behind("--workspace"), pass: passedIn(client, entry) };
}

function passedIn({ stdio: { env, pass } }: Client, entry: Entry): readonly string[] {
  if (!pass) return [];
  if ("names" in pass) return [entry[pass.names] ?? []].flat().map(String);
  const own = Object.entries((entry[env] ?? {}) as Entry);
  return own.filter(([name, value]) => value === pass.reference.replace("NAME", () => name)).map(([name]) => name);
}
