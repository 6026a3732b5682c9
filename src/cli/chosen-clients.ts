import { didYouMean } from "../base/nearest.ts";
import type { Client } from "../setup/client.ts";
import { type Place, evidenceOf, placeFor } from "../setup/place.ts";
import { hasEntry } from "../setup/plan.ts";
import { clients } from "../setup/registry.ts";
import { type Context, EXIT } from "./verb.ts";

export interface Selection {
  readonly client: readonly string[];
  /** Every client that is here, whether or not that was said. */
  readonly isEvery: boolean;
  readonly scope: "user" | "project";
  readonly name: string;
  readonly remove: boolean;
}

/** A client whose file is looked at, and what showed that it is here; empty when it was named. */
export interface Chosen {
  readonly client: Client;
  readonly place: Place;
  readonly evidence: string;
}

/** What to say where nobody can tell which clients are meant. */
export interface Unchosen {
  readonly message: string;
  readonly code: number;
}

/** The clients that are meant. */
export async function choose(
  context: Context,
  selection: Selection,
): Promise<{ readonly clients: readonly Chosen[] } | Unchosen> {
  const { client: wanted, scope, isEvery, remove } = selection;
  if (wanted.length > 0) return named(wanted, (client) => placeOf(context, client, scope));
  const found = await clientsHere(context, selection);
  if ("message" in found) return found;
  // Of one that has it nothing but that can be meant.
  const isPlain = isEvery || (remove && found.clients.length === 1);
  return isPlain ? found : { message: listed(found.clients, remove), code: EXIT.usage };
}

/** The clients that are on this machine; to take an entry out, those that have it. */
export async function clientsHere(
  context: Context,
  { scope, name, remove }: Pick<Selection, "scope" | "name" | "remove">,
): Promise<{ readonly clients: readonly Chosen[] } | Unchosen> {
  const found: Chosen[] = [];
  for (const client of clients) {
    const place = placeOf(context, client, scope);
    if (!place || "byHand" in place) continue;
    const evidence = remove ? await fileWith(place, client, name) : evidenceOf(client, context.host);
    if (evidence !== undefined) found.push({ client, place, evidence });
  }
  if (found.length > 0) return { clients: found };
  return remove ? { message: `no client has a server "${name}"`, code: EXIT.fine } : NOBODY;
}

function listed(found: readonly Chosen[], remove: boolean): string {
  const lines = found.map(({ client, evidence }) => `\n  ${client.id.padEnd(16)}${client.name}: ${evidence}`);
  const [verb, verbs] = remove ? ["has it", "have it"] : ["is here", "are here"];
  const head = found.length === 1 ? `one client ${verb}` : `${found.length} clients ${verbs}`;
  return `${head}; say which by --client NAME, or --all:${lines.join("")}`;
}

const NOBODY: Unchosen = {
  message: `no client was found; looked for ${clients.map((client) => client.name).join(", ")}. --client NAME writes the file of one all the same (${ids().join(", ")}), and --print prints the entry`,
  code: EXIT.unavailable,
};

function placeOf({ host, cwd }: Context, client: Client, scope: Selection["scope"]): Place | undefined {
  return placeFor(client, host, scope === "project" ? cwd : null);
}

function named(
  wanted: readonly string[],
  locate: (client: Client) => Place | undefined,
): { readonly clients: readonly Chosen[] } | Unchosen {
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
  const hint = didYouMean(id, ids());
  return `there is no client "${id}"${hint === "" ? "" : `; ${hint}`} (known are ${ids().join(", ")})`;
}

function ids(): readonly string[] {
  return clients.map(({ id }) => id);
}

async function fileWith(place: Place, client: Client, name: string): Promise<string | undefined> {
  if ("byHand" in place) return undefined;
  for (const file of "file" in place ? [place.file] : place.several)
    if (await hasEntry(client, file, name)) return file;
  return undefined;
}
