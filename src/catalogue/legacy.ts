import { basename } from "node:path";
import { type Entry, type MappingNode, type Node, type ScalarNode, child } from "./node.ts";
import { isShell } from "./program.ts";
import type { Report } from "./report.ts";
import type { Source } from "./source.ts";

/** A key of the original MCPFier whose value is none of today's language, and what stands for it. */
export interface Change {
  readonly key: string;
  readonly entry: Entry;
  /** Null: nothing does. */
  readonly node: Node | null;
  /** The text of the node, from that of the value as it is written. */
  write(written: string): string;
  readonly message: string;
  readonly hint: string;
}

/** What an original command may leave empty. */
export const OPTIONAL: readonly string[] = ["args", "description", "container", "timeout", "env"];

/**
 * Reads what only the original's spelling means, by putting today's nodes in its place before anything else reads them, and warns
 * of it. Answers with the nodes whose unknown `${NAME}` are left to the shell that reads them.
 */
export function readLegacy(source: Source, root: Node, hasDefaults: boolean, report: Report): ReadonlySet<Node> {
  const commands = originalCommands(root);
  const [first] = commands;
  if (!first) return new Set();
  const message = "`script` and `args` are the original MCPFier's spelling of `run`";
  report.warn(source, placeOf(first, "script"), "legacy", message, "`mcpfier migrate` writes the file in today's");
  for (const command of commands) {
    for (const { key, entry, node, message: what, hint } of changesOf(command, hasDefaults)) {
      report.warn(source, entry.key, "legacy", what, hint);
      if (node) command.entries.set(key, { ...entry, value: node });
      else command.entries.delete(key);
    }
    for (const node of unquotedTexts(command)) node.value = node.template = textOf(node);
  }
  return new Set(commands.flatMap(shellTexts));
}

/** The commands of a file that are written as the original's are. */
export function originalCommands(root: Node): readonly MappingNode[] {
  const commands = child(root, "commands");
  const items = commands?.kind === "sequence" ? commands.items : [];
  return items.filter(
    (item): item is MappingNode =>
      item.kind === "mapping" && item.entries.has("script") && !item.entries.has("run") && !item.entries.has("shell"),
  );
}

/** `hasDefaults`: the file says itself what containers are like, which the original's cannot. */
export function changesOf(command: MappingNode, hasDefaults: boolean): readonly Change[] {
  const changes: Change[] = [];
  for (const key of OPTIONAL) {
    const entry = command.entries.get(key);
    if (entry?.value.kind !== "scalar") continue;
    const { value } = entry;
    if (value.value === null || (value.value === "" && key !== "description"))
      changes.push(removed(key, entry, `an empty \`${key}\` is none`));
    else if (key === "timeout") changes.push(...timeoutOf(entry, value));
    else if (key === "container" && typeof value.value === "string" && !hasDefaults)
      changes.push(containerOf(entry, value));
  }
  return changes;
}

/** A text that is not quoted stays as it is written, whatever YAML takes it for: `1.10`, `true`. */
export function unquotedTexts(command: MappingNode): readonly ScalarNode[] {
  const args = child(command, "args");
  const env = child(command, "env");
  const nodes = [
    ...["name", "script", "description"].map((key) => child(command, key)),
    ...(args?.kind === "sequence" ? args.items : []),
    ...(env?.kind === "mapping" ? Array.from(env.entries.values(), ({ value }) => value) : []),
  ];
  return nodes.filter((node): node is ScalarNode => node?.kind === "scalar" && typeof node.value !== "string");
}

export function textOf({ value, text }: ScalarNode): string {
  return value === null ? "" : text;
}

/** The arguments of a shell: its own `${name}` is none of the host's environment. */
export function shellTexts(command: MappingNode): readonly ScalarNode[] {
  const script = child(command, "script");
  const args = child(command, "args");
  if (script?.kind !== "scalar" || args?.kind !== "sequence" || !isShell(basename(script.text))) return [];
  return args.items.filter((item): item is ScalarNode => item.kind === "scalar");
}

function placeOf(command: MappingNode, key: string): Entry["key"] {
  return command.entries.get(key)?.key ?? command;
}

function removed(key: string, entry: Entry, message: string): Change {
  return { key, entry, node: null, write: () => "", message, hint: "remove it" };
}

/** The original took any text, and no time at all for "none of its own". */
function timeoutOf(entry: Entry, value: ScalarNode): readonly Change[] {
  if (/^(?:0+(?:\.0*)?(?:ms|s|m|h)?)+$/.test(value.text))
    return [removed("timeout", entry, "a `timeout` of nothing is none of its own: the default holds")];
  if (!/^\d+(?:\.\d+)?$/.test(value.text)) return [];
  const today = `${value.text}s`;
  const message = `\`timeout: ${value.text}\` has no unit, and is read as seconds`;
  return [
    { key: "timeout", entry, node: scalar(today, value), write: () => today, message, hint: `write \`${today}\`` },
  ];
}

/** A container of the original could reach the network, and most are there for that; nobody was promised that it is root. */
function containerOf(entry: Entry, value: ScalarNode): Change {
  const image = { key: entry.key, value };
  const network = { key: entry.key, value: scalar("bridge", entry.key) };
  const node: MappingNode = {
    kind: "mapping",
    entries: new Map([
      ["image", image],
      ["network", network],
    ]),
    start: value.start,
    end: value.end,
  };
  return {
    key: "container",
    entry,
    node,
    write: (written) => `{ image: ${written}, network: bridge }`,
    message:
      "this container reaches the network as in the original MCPFier; but it is not root, and writes to /tmp only",
    hint: `if it must, write \`container: { image: ${value.text}, network: bridge, allow_root: true, read_only: false }\``,
  };
}

function scalar(text: string, { start, end }: Entry["key"]): ScalarNode {
  return { kind: "scalar", value: text, template: text, text, isFaulty: false, start, end };
}
