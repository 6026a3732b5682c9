import { isAbsolute } from "node:path";
import { statOf } from "../base/stat.ts";
import { startIn, urlIn } from "../setup/entry.ts";
import { type Registration, workspaceIn } from "../setup/registrations.ts";
import { USUAL_NAME } from "./registration-options.ts";

/** The command that writes an entry again, with all that it says now. */
export function mendOf({ client, name, project, entry }: Registration): string {
  const url = entry ? urlIn(client, entry) : undefined;
  const workspace = entry && url === undefined ? workspaceIn(client, entry) : undefined;
  const words = [
    "mcpfier",
    "setup",
    "--client",
    client.id,
    ...(project === null ? [] : ["--scope", "project"]),
    ...(name === USUAL_NAME ? [] : ["--name", name]),
    ...(url === undefined ? [] : ["--http", url]),
    ...(workspace === undefined ? [] : ["--workspace", workspace]),
  ];
  const command = words.map(quoted).join(" ");
  return project === null ? command : `cd ${quoted(project)} && ${command}`;
}

/** Why a registration does not work, whatever its entry says; undefined: nothing is known. */
export function ailmentOf({ client, file, entry, last }: Registration): string | undefined {
  if (!entry) return undefined;
  const { command, args } = startIn(client, entry);
  const gone = [command, ...args].find((path) => isAbsolute(path) && statOf(path) === undefined);
  if (gone !== undefined) return `${file} starts ${gone}, which is not there any more`;
  return last?.tools === null ? `registered in ${file}; tried on ${last.at.slice(0, 10)}: it did not start` : undefined;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
