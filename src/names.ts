import { didYouMean } from "./base/nearest.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Command } from "./command/command.ts";

/** Names that went and are remembered, the newest. */
const KEPT = 10_000;

/** The commands of one catalogue after the other by name, and the names that went. */
export interface Names {
  /** Of the catalogue that counts now. */
  all(): ReadonlyMap<string, Command>;
  replace(next: Catalogue): void;
  /** Why there is no tool of this name, for its caller. */
  unknown(name: string): string;
}

export function createNames(first: Catalogue): Names {
  const removed = new Set<string>();
  let now = first;

  function replace(next: Catalogue): void {
    for (const name of commandsOf(now).keys()) removed.add(name);
    now = next;
    for (const name of commandsOf(now).keys()) removed.delete(name);
    for (const name of [...removed].slice(0, -KEPT)) removed.delete(name);
  }

  function unknown(name: string): string {
    if (removed.has(name))
      return `"${name}" was removed from the catalogue; list the tools again, or reconnect, to see those that are there now`;
    const parts = [`there is no tool "${name}"`, didYouMean(name, commandsOf(now).keys())];
    return parts.filter((part) => part !== "").join("; ");
  }

  return { all: () => commandsOf(now), replace, unknown };
}

const maps = new WeakMap<Catalogue, ReadonlyMap<string, Command>>();

/** The commands of a catalogue by name. */
export function commandsOf(catalogue: Catalogue): ReadonlyMap<string, Command> {
  const known = maps.get(catalogue);
  if (known) return known;
  const made = new Map(catalogue.commands.map((command) => [command.name, command]));
  maps.set(catalogue, made);
  return made;
}
