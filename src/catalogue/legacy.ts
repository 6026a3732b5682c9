import { basename } from "node:path";
import { type Change, type Held, held, inSeconds, removed, scalar } from "./legacy-change.ts";
import { BESIDE, emptyHook, hookChanges, hookTexts, isHook } from "./legacy-hook.ts";
import { settingsChanges } from "./legacy-settings.ts";
import { type MappingNode, type Node, type ScalarNode, child, keyAt } from "./node.ts";
import { isShell } from "./program.ts";
import type { Report } from "./report.ts";
import type { Source } from "./source.ts";

/** What an original command may leave empty. */
const OPTIONAL: readonly string[] = ["args", "description", "container", "timeout", "env"];

/**
 * Reads what only the original's spelling means, by putting today's nodes in its place before anything else reads them, and warns
 * of it. Answers with the nodes whose unknown `${NAME}` are left to the shell that reads them.
 */
export function readLegacy(source: Source, root: Node, hasDefaults: boolean, report: Report): ReadonlySet<Node> {
  const programs = originalPrograms(root);
  const [first] = programs;
  if (first) {
    const message = "`script` and `args` are the original MCPFier's spelling of `run`";
    report.warn(source, keyAt(first, "script"), "legacy", message, "`mcpfier migrate` writes the file in today's");
  }
  const change = ({ within, key, entry, node, message, hint }: Change): void => {
    report.warn(source, entry.key, "legacy", message, hint);
    if (node) within.entries.set(key, { ...entry, value: node });
    else within.entries.delete(key);
  };
  settingsChanges(root).forEach(change);
  for (const command of originalCommands(root)) {
    changesOf(command, hasDefaults).forEach(change);
    for (const node of isHook(command) ? textsToQuote(command) : [])
      report.warn(source, node, "legacy", "this is read as a text, as it is written", "put it in quotes");
    for (const node of unquotedTexts(command)) node.value = node.template = textOf(node);
  }
  return new Set(programs.flatMap(shellTexts));
}

/** The commands of a file that may be written as the original's are: today's requests are not told from its own. */
export function originalCommands(root: Node): readonly MappingNode[] {
  return commandsOf(root).filter((command) => isHook(command) || isProgram(command));
}

/** Those of them that have a `script`. */
export function originalPrograms(root: Node): readonly MappingNode[] {
  return commandsOf(root).filter((command) => !isHook(command) && isProgram(command));
}

/** `hasDefaults`: the file says itself what containers are like, which the original's cannot. */
export function changesOf(command: MappingNode, hasDefaults: boolean): readonly Change[] {
  const isRequest = isHook(command);
  const keys = isRequest ? OPTIONAL.filter((key) => !BESIDE.includes(key)) : OPTIONAL;
  const changes = held(command, keys).flatMap((at): readonly Change[] => {
    const { key, entry } = at;
    if (entry.value.kind !== "scalar") return [];
    const { value } = entry.value;
    if (value === null || (value === "" && key !== "description")) return [removed(at, `an empty \`${key}\` is none`)];
    if (key === "timeout") return timeoutOf(at, entry.value);
    return key === "container" && typeof value === "string" && !hasDefaults ? [containerOf(at, entry.value)] : [];
  });
  return [...changes, ...(isRequest ? hookChanges(command) : emptyHook(command))];
}

/** A text that is not quoted stays as it is written, whatever YAML takes it for: `1.10`, `true`. */
function unquotedTexts(command: MappingNode): readonly ScalarNode[] {
  const [texts, others] = textsOf(command);
  return [...others, ...texts].filter(isUnquoted);
}

/** Those of them that today's language does not take for the same text. */
export function textsToQuote(command: MappingNode): readonly ScalarNode[] {
  const [texts, others] = textsOf(command);
  return [
    ...others.filter(isUnquoted),
    ...texts.filter(isUnquoted).filter((node) => String(node.value) !== textOf(node)),
  ];
}

/** What is text in a command; the second list: of which today's language takes no number. */
function textsOf(command: MappingNode): readonly [texts: readonly Node[], others: readonly Node[]] {
  const [name, description, script, args, env] = ["name", "description", "script", "args", "env"].map((key) =>
    child(command, key),
  );
  const own = [name, description].filter((node) => node !== undefined);
  const variables = env?.kind === "mapping" ? Array.from(env.entries.values(), ({ value }) => value) : [];
  if (isHook(command)) {
    const [headers, others] = hookTexts(command);
    return [
      [...variables, ...headers],
      [...own, ...others],
    ];
  }
  return [[...(script ? [script] : []), ...(args?.kind === "sequence" ? args.items : []), ...variables], own];
}

function isUnquoted(node: Node): node is ScalarNode {
  return node.kind === "scalar" && typeof node.value !== "string";
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

function commandsOf(root: Node): readonly MappingNode[] {
  const commands = child(root, "commands");
  const items = commands?.kind === "sequence" ? commands.items : [];
  return items.filter((item): item is MappingNode => item.kind === "mapping");
}

function isProgram({ entries }: MappingNode): boolean {
  return entries.has("script") && !entries.has("run") && !entries.has("shell");
}

/** The original took any text, and no time at all for "none of its own". */
function timeoutOf(at: Held, value: ScalarNode): readonly Change[] {
  if (/^(?:0+(?:\.0*)?(?:ms|s|m|h)?)+$/.test(value.text))
    return [removed(at, "a `timeout` of nothing is none of its own: the default holds")];
  return inSeconds(at);
}

/** A container of the original could reach the network, and most are there for that; nobody was promised that it is root. */
function containerOf(at: Held, value: ScalarNode): Change {
  const { key } = at.entry;
  const image = { key, value };
  const network = { key, value: scalar("bridge", key) };
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
    ...at,
    node,
    write: (written) => `{ image: ${written}, network: bridge }`,
    message:
      "this container reaches the network as in the original MCPFier; but it is not root, and writes to /tmp only",
    hint: `if it must, write \`container: { image: ${value.text}, network: bridge, allow_root: true, read_only: false }\``,
  };
}
