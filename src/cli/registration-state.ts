import { isAbsolute, resolve } from "node:path";
import { shellLine } from "../base/shell-line.ts";
import { statOf } from "../base/stat.ts";
import { startIn } from "../setup/entry.ts";
import { type Given, givenIn } from "../setup/given.ts";
import type { Registration } from "../setup/registrations.ts";
import { USUAL_NAME } from "./registration-options.ts";

/** What the mcpfier that tells of a mend was told itself. */
export interface Around {
  readonly cwd: string;
  /** What `--config` names. */
  readonly config: string | undefined;
  /** Whether there is a catalogue, of which nothing is said then. */
  readonly hasCatalogue: boolean;
}

/** The command that writes an entry again, with all that it says now, or said; or that which has to come first. */
export function mendOf(
  registration: Registration,
  { cwd, config: named, hasCatalogue }: Around,
  ...more: readonly string[]
): string {
  const { client, name, project } = registration;
  const { http, config: known, workspace, pass } = againOf(registration);
  if (!hasCatalogue && http === null && known === null) return "mcpfier init";
  const config =
    known ?? (http === null && named !== undefined ? (project === null ? named : resolve(cwd, named)) : null);
  const words = [
    "mcpfier",
    "setup",
    "--client",
    client.id,
    ...(project === null ? [] : ["--scope", "project"]),
    ...(name === USUAL_NAME ? [] : ["--name", name]),
    ...(http === null ? [] : ["--http", http]),
    ...(config === null ? [] : ["--config", config]),
    ...(workspace === null ? [] : ["--workspace", workspace]),
    ...(pass.length === 0 ? [] : ["--pass", pass.join(",")]),
    ...more,
  ];
  const command = shellLine(words);
  return project === null ? command : `${shellLine(["cd", project])} && ${command}`;
}

const NOTHING: Given = { http: null, config: null, workspace: null, pass: [] };

/** What the entry says, or what was noted of one that is gone or is none of ours any more; with a catalogue that is there. */
function againOf({ client, entry, last, state, wished }: Registration): Given {
  const now = entry && givenIn(client, entry);
  const isOurs = now !== null && (now.http ?? now.config) !== null;
  const again = (isOurs ? now : last?.given) ?? now ?? NOTHING;
  if (again.http !== null) return again;
  if (!entry && !last) return again;
  const known = [...(state === "outdated" ? [] : [again.config, last?.given?.config]), wished?.config];
  return { ...again, config: known.find((path) => path && statOf(path) !== undefined) ?? null };
}

/** Why a registration does not work, whatever its entry says; undefined: nothing is known. */
export function ailmentOf({ client, file, entry, last }: Registration): string | undefined {
  if (!entry) return undefined;
  const { command, args } = startIn(client, entry);
  const gone = [command, ...args].find((path) => isAbsolute(path) && statOf(path) === undefined);
  if (gone !== undefined) return `${file} starts ${gone}, which is not there any more`;
  return last?.tools === null ? `registered in ${file}; tried on ${last.at.slice(0, 10)}: it did not start` : undefined;
}
