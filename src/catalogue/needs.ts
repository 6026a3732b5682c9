import { didYouMean } from "../base/nearest.ts";
import type { Command } from "../command/command.ts";
import type { Draft } from "./draft.ts";
import type { Node } from "./node.ts";

/** A command as it was read, with the places to report. */
export interface Read {
  readonly draft: Draft;
  readonly command: Command;
}

/** Commands that are named and not there: those that do not exist here, by their `when`, and those with mistakes of their own. */
export interface Absent {
  readonly unwanted: ReadonlySet<string>;
  readonly broken: ReadonlySet<string>;
}

/**
 * Checks `needs` over all commands of a catalogue: each name must be a command that can be called without arguments, and no
 * command may need itself.
 */
export function checkNeeds(read: readonly Read[], absent: Absent): void {
  const commands = new Map(read.map((each) => [each.command.name, each]));
  for (const { draft, command } of read) for (const name of command.needs) checkNeed(draft, name, commands, absent);
  reportCircles(commands);
}

function checkNeed(draft: Draft, name: string, commands: ReadonlyMap<string, Read>, absent: Absent): void {
  const needed = commands.get(name)?.command;
  const at = placeOf(draft, name);
  if (needed) {
    const required = needed.params.filter((parameter) => parameter.required).map((parameter) => `"${parameter.name}"`);
    const asked = needed.ask.map((field) => `"${field.name}"`);
    if (required.length + asked.length === 0) return;
    const what = required.length > 0 ? `requires ${required.join(", ")}` : `asks its user for ${asked.join(", ")}`;
    const message = `"${name}" is called without arguments here, and ${what}`;
    draft.error(at, "needs", message, "name a command that requires none, such as one with this value fixed");
  } else if (absent.unwanted.has(name)) {
    const message = `"${name}" does not exist on this machine, because of its \`when\``;
    draft.error(at, "needs", message, "give this command the same `when`");
  } else if (!absent.broken.has(name)) {
    const others = [...commands.keys()].filter((other) => other !== draft.text("name"));
    draft.error(at, "needs", `there is no command "${name}"`, didYouMean(name, others));
  }
}

function placeOf(draft: Draft, name: string): Node {
  const node = draft.nodeOf("needs");
  const items = node?.kind === "sequence" ? node.items : [];
  return items.find((item) => item.kind === "scalar" && item.value === name) ?? node ?? draft.node;
}

/** The names in `needs` that can be used. */
export function readNeeds(draft: Draft): readonly string[] {
  const node = draft.nodeOf("needs");
  const items = node?.kind === "sequence" ? node.items : [];
  return items.flatMap((item) => (item.kind === "scalar" && !draft.isBroken(item) ? [String(item.value)] : []));
}

/** Walks depth first, each command once, and reports each need that leads back to a command whose needs are being walked. */
function reportCircles(commands: ReadonlyMap<string, Read>): void {
  const seen = new Map<string, "open" | "done">();
  for (const start of commands.keys()) {
    const way = seen.has(start) ? [] : [{ name: start, next: 0 }];
    seen.set(start, seen.get(start) ?? "open");
    for (let last = way.at(-1); last; last = way.at(-1)) {
      const from = commands.get(last.name);
      const need = from?.command.needs[last.next++];
      if (from === undefined || need === undefined) {
        seen.set(last.name, "done");
        way.pop();
      } else if (seen.get(need) === "open") {
        const names = way.map(({ name }) => name);
        reportCircle(from, [...names.slice(names.indexOf(need)), need]);
      } else if (!seen.has(need)) {
        seen.set(need, "open");
        way.push({ name: need, next: 0 });
      }
    }
  }
}

function reportCircle({ draft, command }: Read, circle: readonly string[]): void {
  const need = circle.at(-1) ?? "";
  const names = circle.map((name) => `"${name}"`);
  const way = (names.length > 9 ? [...names.slice(0, 5), "…", ...names.slice(-3)] : names).join(" → ");
  const message = need === command.name ? `"${need}" needs itself` : `commands need each other in a circle: ${way}`;
  draft.error(placeOf(draft, need), "needs", message, "remove one of these needs");
}
