import { normalize, sep } from "node:path";
import type { Client } from "./client.ts";
import type { Launch } from "./entry.ts";
import type { Entry } from "./format.ts";
import { type Given, givenIn } from "./given.ts";
import { type Remembered, recall } from "./ledger.ts";
import { type Place, type Where, evidenceOf, placeFor } from "./place.ts";
import { type Step, type Wish, planFor } from "./plan.ts";
import { clients } from "./registry.ts";

/** What a client of this machine knows of a server. */
export interface Registration {
  readonly client: Client;
  /** What the server is called there. */
  readonly name: string;
  /** The folder of the project whose file it is; null: it is the user's. */
  readonly project: string | null;
  /** What showed that the client is here; undefined: nothing did. */
  readonly evidence: string | undefined;
  /** Empty where there is none. */
  readonly file: string;
  /**
   * `current`: as `mcpfier setup` would write it; `outdated`: it would write something else; `registered`: with nothing to compare it
   * with, as for a server at a URL; `vanished`: it was registered here, and somebody else took it out; `unknown`: for `reason`.
   */
  readonly state: "current" | "outdated" | "registered" | "absent" | "vanished" | "by hand" | "unknown";
  readonly reason: string;
  /** What the file says of the server. */
  readonly entry: Entry | null;
  /** When it was registered or tried last, and how that went; null: never. */
  readonly last: Remembered | null;
  /** What `mcpfier setup` would be told to write what it was compared with; null: it was compared with nothing. */
  readonly wished: Given | null;
}

/** A server's registrations in all clients, in the order of the registry. `project`: the files of this folder instead of the user's. */
export async function registrationsOn(
  where: Where,
  wish: Wish,
  project: string | null,
): Promise<readonly Registration[]> {
  const known = recall(where);
  const found = clients.map(async (client): Promise<Registration | undefined> => {
    const place = placeFor(client, where, project);
    return place && registrationAt({ client, place, evidence: evidenceOf(client, where), project }, wish, known);
  });
  return (await Promise.all(found)).filter((each) => each !== undefined);
}

/** Registrations that were made on this machine, but for those that were found already: under other names, and in projects. */
export async function remembered(
  where: Where,
  launch: Wish["launch"],
  found: readonly Registration[],
): Promise<readonly Registration[]> {
  const known = recall(where);
  const more = known.map(async (row): Promise<Registration | undefined> => {
    const isFound = ({ client, file, name }: Registration): boolean =>
      client.id === row.client && file === row.file && name === row.name;
    const client = clients.find(({ id }) => id === row.client);
    if (!client || found.some(isFound)) return undefined;
    const user = placeFor(client, where, null);
    const isUser = user !== undefined && "file" in user && user.file === row.file;
    const project = isUser ? null : projectOf(client, row.file);
    const spot = { client, place: { file: row.file }, evidence: evidenceOf(client, where), project };
    return registrationAt(spot, { name: row.name, launch }, known);
  });
  return (await Promise.all(more)).filter((each) => each !== undefined);
}

/** The folder of the project whose file this is; null: it is none of a project. */
function projectOf(client: Client, file: string): string | null {
  const end = client.project.map((each) => `${sep}${normalize(each)}`).find((each) => file.endsWith(each));
  return end === undefined ? null : file.slice(0, -end.length) || sep;
}

type Spot = Pick<Registration, "client" | "evidence" | "project"> & { readonly place: Place };

async function registrationAt(
  { client, place, evidence, project }: Spot,
  wish: Wish,
  known: readonly Remembered[],
): Promise<Registration> {
  const about = { client, evidence, project, name: wish.name };
  const nothing = { file: "", entry: null, last: null, wished: null };
  if ("byHand" in place) return { ...about, ...nothing, state: "by hand", reason: place.byHand };
  // What stands there may be of another kind, such as a server at a URL.
  const there = await planFor(client, place, { ...wish, launch: null });
  const launch = there.had && wish.launch ? launchAs(client, there.had, wish.launch) : wish.launch;
  const planned = await planFor(client, place, { ...wish, launch });
  const step = planned.had ? planned : there.had ? there : planned;
  const { file, reason, had, ours } = step;
  const last = known.find((row) => row.client === client.id && row.file === file && row.name === wish.name) ?? null;
  const state = stateOf(step, step === planned && launch !== null, last);
  const wished = ours && givenIn(client, ours);
  return { ...about, file, state, reason, entry: had, last, wished };
}

/** What is wished, with the workspace that an entry has and that was not said now. */
function launchAs(client: Client, had: Entry, launch: Launch): Launch {
  const { workspace } = givenIn(client, had);
  if ("url" in launch || workspace === null || launch.args.includes("--workspace")) return launch;
  return { ...launch, args: [...launch.args, "--workspace", workspace] };
}

function stateOf({ action, had }: Step, isCompared: boolean, last: Remembered | null): Registration["state"] {
  if (!had && action === "manual") return "unknown";
  // Who died before it was written noted it all the same.
  if (!had) return last && last.tools !== undefined ? "vanished" : "absent";
  if (!isCompared) return "registered";
  return action === "unchanged" ? "current" : "outdated";
}
