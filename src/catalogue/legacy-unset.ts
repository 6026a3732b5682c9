import { originalPrograms } from "./legacy.ts";
import { type MappingNode, type Node, child } from "./node.ts";

/** Keys that no file of the original has. */
const TODAY: readonly string[] = ["run", "shell", "params"];

/**
 * The texts of an original's file, by their command, in which a variable may be unset: the original served its other commands all
 * the same. Nothing else can be made of a URL, a name or a duration without it.
 */
export function mayLackVariables(root: Node): ReadonlyMap<Node, MappingNode> {
  const list = child(root, "commands");
  const commands = (list?.kind === "sequence" ? list.items : []).filter((item) => item.kind === "mapping");
  const isOriginal =
    originalPrograms(root).length > 0 && !commands.some(({ entries }) => TODAY.some((key) => entries.has(key)));
  return new Map(isOriginal ? commands.flatMap((command) => textsIn(command).map((text) => [text, command])) : []);
}

function textsIn(command: MappingNode): readonly Node[] {
  const webhook = child(command, "webhook");
  const places = [
    ...["args", "env"].map((key) => child(command, key)),
    ...["headers", "auth", "body"].map((key) => webhook && child(webhook, key)),
  ];
  return places.flatMap((node) => (node ? textsBelow(node) : []));
}

function textsBelow(node: Node): readonly Node[] {
  if (node.kind === "sequence") return node.items.flatMap(textsBelow);
  if (node.kind === "mapping") return Array.from(node.entries.values(), ({ value }) => value).flatMap(textsBelow);
  return [node];
}
