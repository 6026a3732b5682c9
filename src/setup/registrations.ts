import type { Client } from "./client.ts";
import type { Entry } from "./format.ts";
import { type Remembered, recall } from "./ledger.ts";
import { type Where, evidenceOf, placeFor } from "./place.ts";
import { type Step, type Wish, planFor } from "./plan.ts";
import { clients } from "./registry.ts";

/** What a client of this machine knows of a server. */
export interface Registration {
  readonly client: Client;
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
    if (!place) return undefined;
    const evidence = evidenceOf(client, where);
    if ("byHand" in place)
      return { client, evidence, file: "", state: "by hand", reason: place.byHand, entry: null, last: null };
    const planned = await planFor(client, place, wish);
    // What stands there may be of another kind, such as a server at a URL.
    const seen =
      planned.action === "manual" && !planned.had ? await planFor(client, place, { ...wish, launch: null }) : planned;
    const step = seen.had ? seen : planned;
    const { file, reason, had } = step;
    const last = known.find((row) => row.client === client.id && row.file === file && row.name === wish.name) ?? null;
    const state = stateOf(step, step === planned && wish.launch !== null, last);
    return { client, evidence, file, state, reason, entry: had, last };
  });
  return (await Promise.all(found)).filter((each) => each !== undefined);
}

function stateOf({ action, had }: Step, isCompared: boolean, last: Remembered | null): Registration["state"] {
  if (!had && action === "manual") return "unknown";
  if (!had) return last ? "vanished" : "absent";
  if (!isCompared) return "registered";
  return action === "unchanged" ? "current" : "outdated";
}
