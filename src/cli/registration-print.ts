import { bundleOf } from "../setup/bundle.ts";
import type { Client } from "../setup/client.ts";
import { claudeDesktop } from "../setup/clients/claude-desktop.ts";
import { cursor } from "../setup/clients/cursor.ts";
import { type Launch, entryOf, snippetOf } from "../setup/entry.ts";
import { loadFormat } from "../setup/formats.ts";
import { linkOf } from "../setup/link.ts";
import type { Where } from "../setup/place.ts";
import type { Wish } from "../setup/plan.ts";
import { type Context, EXIT } from "./verb.ts";

/** Prints the entries of clients, to be put there by hand, or where none is named that of most; gives the exit code. */
export async function printEntries(
  { stdout, stderr, host }: Context,
  { name, launch }: Wish,
  named: readonly Client[],
  isJson: boolean,
): Promise<number> {
  if (!launch) return EXIT.fine;
  // Most clients take what the first one of all does; a URL it does not.
  const usual = "url" in launch ? cursor : claudeDesktop;
  const rows: object[] = [];
  for (const client of named.length === 0 ? [usual] : named) {
    const entry = entryOf(client, name, launch);
    const snippet = entry && snippetOf(await loadFormat(client.form.syntax), client, name, entry);
    const notes = named.length === 0 ? NONE : notesFor(client, host, name, launch);
    rows.push({ client: named.length === 0 ? null : client.id, entry, snippet, ...notes });
    if (isJson) continue;
    stdout.write(snippet ?? "");
    stderr.write(told(client, notes));
  }
  if (isJson) stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  return EXIT.fine;
}

/** What is said beside an entry. */
interface Notes {
  /** By which its client adds it itself; null: it knows none. */
  readonly link: string | null;
  readonly bundle: string | null;
  /** Why there is no entry. */
  readonly reason: string;
}

const NONE: Notes = { link: null, bundle: null, reason: "" };

function notesFor(client: Client, where: Where, name: string, launch: Launch): Notes {
  const entry = entryOf(client, name, launch);
  if (!entry) return { ...NONE, reason: typeof client.http === "string" ? client.http : "it takes no such server" };
  const bundle = "url" in launch ? null : bundleOf(client, where, process.argv[1] ?? "");
  return { link: linkOf(client, name, entry), bundle, reason: "" };
}

function told({ name }: Client, { reason, link, bundle }: Notes): string {
  const notes = [
    reason === "" ? "" : `${name}: ${reason}`,
    link === null ? "" : `${name} adds it by this link too: ${link}`,
    bundle === null ? "" : `${name} takes a one-click bundle too, which asks for the catalogue: ${bundle}`,
  ];
  return notes.map((note) => (note === "" ? "" : `mcpfier: ${note}\n`)).join("");
}
