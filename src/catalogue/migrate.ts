import type { Problem } from "../base/problem.ts";
import { createInterpolator } from "./interpolate.ts";
import { OPTIONAL, changesOf, originalCommands, shellTexts, textOf, unquotedTexts } from "./legacy.ts";
import { type Entry, type MappingNode, type Node, type ScalarNode, child, valueAt } from "./node.ts";
import { createReport } from "./report.ts";
import type { Source } from "./source.ts";
import { type Edit, type Written, flowText, lineEnd, quoted, removal, splice, writtenValue } from "./splice.ts";
import type { World } from "./world.ts";
import { parseYaml } from "./yaml.ts";

/** A file in today's spelling, or what keeps it from being read on the way there. */
export type Migrated = { readonly text: string } | { readonly problems: readonly Problem[] };

/**
 * Writes the original's spelling of a file in today's, and leaves every other character. One kind of edit is done at a time, on
 * positions that are parsed anew: texts, values, keys that go, and in the end `run`.
 */
export function migrate(source: Source, world: Pick<World, "env">): Migrated {
  let { text } = source;
  for (const kind of KINDS) {
    const report = createReport();
    const now = { ...source, text };
    const root = parseYaml(now, report);
    if (!root || report.problems.length > 0) return { problems: report.problems };
    text = splice(text, kind(now, root, world));
  }
  return { text };
}

type Kind = (source: Source, root: Node, world: Pick<World, "env">) => readonly Edit[];

/** Keys go one at a time from each command, as the next one may begin where the last one did. */
const KINDS: readonly Kind[] = [texts, values, ...OPTIONAL.map(() => removals), runs];

/** Texts that YAML takes for something else, and the `${` of shells. An alias shares the text of its anchor. */
function texts({ text }: Source, root: Node, world: Pick<World, "env">): readonly Edit[] {
  const commands = originalCommands(root);
  const found = commands.flatMap((command) => {
    const mustBeText = new Set(["name", "description"].map((key) => child(command, key)));
    return unquotedTexts(command).filter((node) => mustBeText.has(node) || String(node.value) !== textOf(node));
  });
  const written = Array.from(new Set(found)).filter((node) => node.text !== "");
  const quotes = written.map((node) => ({ start: node.start, end: node.end, text: quoted(textOf(node)) }));
  const shells = new Set(commands.flatMap(shellTexts));
  const empty = commands.flatMap((command) => emptyVariables(text, command));
  return [...quotes, ...empty, ...Array.from(shells, (node) => escapes(text, node, world)).flat()];
}

/** A variable without a value had the empty one. */
function emptyVariables(text: string, command: MappingNode): readonly Edit[] {
  const env = child(command, "env");
  return Array.from(env?.kind === "mapping" ? env.entries.values() : [], (entry) => writtenValue(text, entry))
    .filter(({ form }) => form === "nothing")
    .map(({ start, end }) => ({ start, end, text: ' ""' }));
}

function escapes(text: string, node: ScalarNode, world: Pick<World, "env">): readonly Edit[] {
  const edits: Edit[] = [];
  let from = node.start;
  createInterpolator(world).fill(node.text, (written) => {
    const start = text.indexOf(written, from);
    if (start < 0 || start >= node.end) return "";
    edits.push({ start, end: start, text: "$" });
    from = start + written.length;
    return "";
  });
  return edits;
}

function values({ text }: Source, root: Node): readonly Edit[] {
  return changes(root).flatMap(({ change: { entry, node, write } }) => {
    if (!node) return [];
    const written = writtenValue(text, entry);
    // An anchor stays where it is, unless the value moves into a map with it.
    const start = node.kind === "scalar" ? written.bare : written.start;
    const value = written.form === "block scalar" ? quoted(scalarText(entry)) : text.slice(start, written.end);
    return [{ start, end: written.end, text: write(value) }];
  });
}

function removals({ text }: Source, root: Node): readonly Edit[] {
  const first = new Map(
    changes(root)
      .filter(({ change }) => change.node === null)
      .map(({ command, change }) => [command, change]),
  );
  return Array.from(first, ([command, { entry }]) => removal(text, command, entry));
}

function changes(root: Node): readonly { command: MappingNode; change: ReturnType<typeof changesOf>[number] }[] {
  const hasDefaults = valueAt(root, "defaults", "container") !== undefined;
  return originalCommands(root).flatMap((command) =>
    changesOf(command, hasDefaults).map((change) => ({ command, change })),
  );
}

/** `script` and `args` become `run`, in flow style where `args` is, else as a list of lines at the place of `args`. */
function runs({ text }: Source, root: Node): readonly Edit[] {
  return originalCommands(root).flatMap((command) => {
    const [script, args] = ["script", "args"].map((key) => command.entries.get(key));
    if (!script) return [];
    const program = writtenValue(text, script);
    if (!args) return [renamed(text, script), { ...program, text: `[${flowProgram(text, script, program)}]` }];
    const list = writtenValue(text, args);
    return list.form === "block"
      ? blockRun(text, command, { script, args, list })
      : flowRun(text, command, { script, args, list });
  });
}

interface Run {
  readonly script: Entry;
  readonly args: Entry;
  /** How `args` is written. */
  readonly list: Written;
}

function flowRun(text: string, command: MappingNode, { script, args, list }: Run): readonly Edit[] {
  const isFirst = script.key.start < args.key.start;
  const [kept, other] = isFirst ? [script, args] : [args, script];
  const program = flowProgram(text, script, writtenValue(text, script));
  const inner = list.form === "alias" ? flowItems(text, args.value) : text.slice(list.bare + 1, list.end - 1);
  const hasItems = args.value.kind === "sequence" && args.value.items.length > 0;
  const gap = `${hasItems ? "," : ""}${inner.trim() === "" || /^\s/.test(inner) ? "" : " "}`;
  const run = `[${program}${gap}${hasItems || inner.includes("#") ? inner : ""}]`;
  return [renamed(text, kept), { ...writtenValue(text, kept), text: run }, removal(text, command, other)];
}

function blockRun(text: string, command: MappingNode, { script, args, list }: Run): readonly Edit[] {
  const program = writtenValue(text, script);
  const written = text.slice(program.start, program.end);
  const isOneLine = program.form !== "block scalar" && !/[\r\n]/.test(written);
  const indent = text.slice(text.lastIndexOf("\n", list.bare - 1) + 1, list.bare);
  const item = `- ${isOneLine ? written : quoted(scalarText(script))}${lineEnd(text)}${indent}`;
  return [
    removal(text, command, script),
    renamed(text, args),
    ...anchorEdits(text, list),
    { start: list.bare, end: list.bare, text: item },
  ];
}

/** An anchor would stand for another list from now on. */
function anchorEdits(text: string, { start }: Written): readonly Edit[] {
  const properties = /^(?:[&!]\S+[ \t]*)+/.exec(text.slice(start))?.[0].trimEnd() ?? "";
  const gap = /[ \t]*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  return properties === "" ? [] : [{ start: start - gap, end: start + properties.length, text: "" }];
}

function renamed(text: string, { key }: Entry): Edit {
  const quote = /^["']/.exec(text.slice(key.start, key.end))?.[0] ?? "";
  return { start: key.start, end: key.end, text: `${quote}run${quote}` };
}

function flowProgram(text: string, script: Entry, { form, start, bare, end }: Written): string {
  if (form === "alias") return text.slice(start, end);
  const properties = text.slice(start, bare);
  const { value } = script;
  return value.kind === "scalar" && form === "scalar"
    ? `${properties}${flowText(value, text.slice(bare, end))}`
    : `${properties}${quoted(scalarText(script))}`;
}

/** The items of a list that is written elsewhere. */
function flowItems(text: string, node: Node): string {
  const items = node.kind === "sequence" ? node.items : [];
  return items
    .map((item) =>
      item.kind === "scalar"
        ? typeof item.value === "string"
          ? flowText(item, text.slice(item.start, item.end))
          : item.text
        : `[${flowItems(text, item)}]`,
    )
    .join(", ");
}

function scalarText({ value }: Entry): string {
  return value.kind === "scalar" ? value.text : "";
}
