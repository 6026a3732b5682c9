import { didYouMean } from "../base/nearest.ts";
import type { Command } from "../command/command.ts";
import type { Draft } from "./draft.ts";
import type { Node } from "./node.ts";

/** A command as it was read, with the places to report. */
export interface Read {
  readonly draft: Draft;
  readonly command: Command;
}

/**
 * Checks `needs` over all commands of a catalogue: each name must be a command that can be called without arguments, and no
 * command may need itself. `absent` are the commands that do not exist here, by their `when`.
 */
export function checkNeeds(read: readonly Read[], absent: ReadonlySet<string>): void {
  const commands = new Map(read.map(({ command }) => [command.name, command]));
  for (const { draft, command } of read) {
    for (const name of command.needs) {
      const needed = commands.get(name);
      const at = placeOf(draft, name);
      if (needed) checkCallable(draft, at, needed);
      else if (absent.has(name))
        draft.error(
          at,
          "needs",
          `"${name}" does not exist on this machine, because of its \`when\``,
          "give both the same `when`",
        );
      else draft.error(at, "needs", `there is no command "${name}"`, didYouMean(name, commands.keys()));
      const circle = circleFrom(command.name, name, commands);
      if (circle) draft.error(at, "needs", `"${command.name}" needs itself: ${circle.join(" → ")}`, "break the circle");
    }
  }
}

function placeOf(draft: Draft, name: string): Node {
  const node = draft.nodeOf("needs");
  const items = node?.kind === "sequence" ? node.items : [];
  return items.find((item) => item.kind === "scalar" && item.value === name) ?? node ?? draft.node;
}

function checkCallable(draft: Draft, at: Node, { name, params }: Command): void {
  const required = params.filter((parameter) => parameter.required).map((parameter) => `"${parameter.name}"`);
  if (required.length > 0)
    draft.error(
      at,
      "needs",
      `"${name}" is called without arguments here, and requires ${required.join(", ")}`,
      "give it defaults",
    );
}

/** The way from a command over one that it needs back to itself. */
function circleFrom(
  start: string,
  first: string,
  commands: ReadonlyMap<string, Command>,
): readonly string[] | undefined {
  const seen = new Set<string>();
  const visit = (name: string, way: readonly string[]): readonly string[] | undefined => {
    if (name === start) return [...way, name];
    if (seen.has(name)) return undefined;
    seen.add(name);
    for (const next of commands.get(name)?.needs ?? []) {
      const found = visit(next, [...way, name]);
      if (found) return found;
    }
    return undefined;
  };
  return visit(first, [start]);
}
