import { createHash } from "node:crypto";
import type { Server } from "@modelcontextprotocol/server";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Command } from "../command/command.ts";
import type { Engine } from "../engine.ts";
import { OWN_TOOLS } from "../tools/registry.ts";
import type { OwnTool } from "../tools/tool.ts";
import { toResource, toTemplate } from "./catalogue-resources.ts";
import { toPrompt } from "./prompts.ts";
import { toTool } from "./translate.ts";

/** What is a tool, in the order of the file, then our own. */
export function listedOf({ catalogue, jobs }: Engine): readonly (Command | OwnTool)[] {
  const now = catalogue();
  return [...now.commands, ...OWN_TOOLS.filter((tool) => tool.isWanted(now, jobs))];
}

export function isOwn(item: Command | OwnTool): item is OwnTool {
  return "isWanted" in item;
}

/** Tells a client which of its lists are others than before the catalogue was replaced: much of a catalogue is not shown. */
export function tellChanges(server: Server, before: Catalogue, engine: Engine): void {
  for (const list of changedLists(before, engine)) TELL[list](server).catch(ignore);
}

const TELL = {
  tools: (server: Server) => server.sendToolListChanged(),
  resources: (server: Server) => server.sendResourceListChanged(),
  prompts: (server: Server) => server.sendPromptListChanged(),
} as const;

function changedLists(before: Catalogue, engine: Engine): readonly (keyof typeof TELL)[] {
  const now = engine.catalogue();
  const changed = {
    tools: areToolsOther(before, engine),
    resources: resourcesOf(before) !== resourcesOf(now),
    prompts: promptsOf(before) !== promptsOf(now),
  };
  return (["tools", "resources", "prompts"] as const).filter((list) => changed[list]);
}

function resourcesOf({ resources }: Catalogue): string {
  return JSON.stringify(resources.map((each) => [toResource(each), toTemplate(each)]));
}

function promptsOf({ prompts }: Catalogue): string {
  return JSON.stringify(prompts.map((each) => toPrompt(each, { isAsked: true })));
}

function areToolsOther(before: Catalogue, { catalogue, jobs }: Engine): boolean {
  const now = catalogue();
  const ownOf = (of: Catalogue): string =>
    OWN_TOOLS.filter((tool) => tool.isWanted(of, jobs))
      .map(({ name }) => name)
      .join(" ");
  return ownOf(before) !== ownOf(now) || digestOf(before) !== digestOf(now);
}

/** Of one catalogue for all connections. */
const digests = new WeakMap<Catalogue, string>();

function digestOf(catalogue: Catalogue): string {
  const known = digests.get(catalogue);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  for (const command of catalogue.commands) hash.update(`${JSON.stringify(toTool(command))}\n`);
  const digest = hash.digest("base64");
  digests.set(catalogue, digest);
  return digest;
}

function ignore(): void {
  // The client has gone.
}
