import { join } from "node:path";
import { didYouMean } from "../base/nearest.ts";
import type { Client } from "../setup/client.ts";
import { type Place, evidenceOf, placeOf } from "../setup/place.ts";
import { hasEntry } from "../setup/plan.ts";
import { clients, unwritten } from "../setup/registry.ts";
import { type Context, EXIT } from "./verb.ts";

export interface Selection {
  readonly client: readonly string[];
  readonly all?: true;
  readonly scope: "user" | "project";
  readonly name: string;
  readonly remove?: true;
  readonly yes?: true;
}

/** A client whose file is looked at, and what showed that it is here; empty when it was named. */
export interface Chosen {
  readonly client: Client;
  readonly place: Place;
  readonly evidence: string;
}

/** The clients that are meant, or what to say where nobody can tell which. `isForShow`: nothing is written, so that all may be meant. */
export async function choose(
  { host, cwd }: Context,
  selection: Selection & { readonly isForShow: boolean },
): Promise<{ readonly clients: readonly Chosen[] } | { readonly message: string; readonly code: number }> {
  const { scope, name, remove } = selection;
  const locate = (client: Client): Place | undefined => {
    if (scope === "user") return placeOf(client, host);
    return client.project === null ? undefined : { file: join(cwd, client.project) };
  };
  if (selection.client.length > 0) return named(selection.client, locate);
  const found: Chosen[] = [];
  for (const client of clients) {
    const place = locate(client);
    const evidence = remove ? await fileWith(place, client, name) : evidenceOf(client, host);
    if (place && evidence !== undefined) found.push({ client, place, evidence });
  }
  if (found.length === 0) return remove ? { message: `no client has a server "${name}"`, code: EXIT.fine } : NOBODY;
  if (found.length === 1 || selection.all || selection.yes || selection.isForShow) return { clients: found };
  const lines = found.map(({ client, evidence }) => `\n  ${client.id.padEnd(16)}${client.name}: ${evidence}`);
  const verb = remove ? "have it" : "are here";
  return {
    message: `${found.length} clients ${verb}; say which by --client NAME, or --all:${lines.join("")}`,
    code: EXIT.usage,
  };
}

const NOBODY = {
  message: `no client was found; looked for ${clients.map((client) => client.name).join(", ")}. --client NAME writes the file of one all the same (${ids().join(", ")}), and --print prints the entry`,
  code: EXIT.unavailable,
} as const;

function named(
  wanted: readonly string[],
  locate: (client: Client) => Place | undefined,
): { readonly clients: readonly Chosen[] } | { readonly message: string; readonly code: number } {
  const chosen: Chosen[] = [];
  for (const id of new Set(wanted)) {
    const client = clients.find((each) => each.id === id);
    const place = client && locate(client);
    if (place) chosen.push({ client, place, evidence: "" });
    else return { message: client ? `${client.name} reads no file of a project` : unknown(id), code: EXIT.usage };
  }
  return { clients: chosen };
}

function unknown(id: string): string {
  const where = unwritten[id];
  if (where !== undefined)
    return `the file of ${id} is not written yet; \`mcpfier setup --print\` prints the entry, and it goes into ${where}`;
  const hint = didYouMean(id, ids());
  return `there is no client "${id}"${hint === "" ? "" : `; ${hint}`} (known are ${ids().join(", ")})`;
}

function ids(): readonly string[] {
  return clients.map(({ id }) => id);
}

async function fileWith(place: Place | undefined, client: Client, name: string): Promise<string | undefined> {
  if (!place) return undefined;
  for (const file of "file" in place ? [place.file] : place.several)
    if (await hasEntry(client, file, name)) return file;
  return undefined;
}
