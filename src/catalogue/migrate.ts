import { type Problem, isError } from "../base/problem.ts";
import { changesOf, originalCommands, originalPrograms, shellTexts, textOf, textsToQuote } from "./legacy.ts";
import type { Change } from "./legacy-change.ts";
import { settingsChanges } from "./legacy-settings.ts";
import { type Entry, type MappingNode, type Node, type ScalarNode, child, valueAt } from "./node.ts";
import { type Report, createReport } from "./report.ts";
import { unfilled, warnOfShells } from "./shell-name.ts";
import type { Source } from "./source.ts";
import {
  type Edit,
  type Written,
  emptyItems,
  flowText,
  isExplicit,
  lineEnd,
  quoted,
  removal,
  splice,
  writtenValue,
} from "./splice.ts";
import type { World } from "./world.ts";
import { parseYaml } from "./yaml.ts";

/** A file in today's spelling, and what depends on the environment in it; or what kept the text that was come to from the next step. */
export type Migrated =
  | { readonly text: string; readonly warnings: readonly Problem[] }
  | { readonly text: string; readonly problems: readonly Problem[] };

/**
 * Writes the original's spelling of a file in today's, and leaves every other character. One kind of edit is done at a time, on
 * positions that are parsed anew: texts, values, keys that go, and in the end `run`.
 */
export function migrate(source: Source, world: Pick<World, "env">): Migrated {
  let { text } = source;
  let warnings: readonly Problem[] | undefined;
  for (const [kind, times] of KINDS) {
    for (let time = 0; time < times; time++) {
      const report = createReport();
      const now = { ...source, text };
      const root = parseYaml(now, report);
      if (root && !report.problems.some(isError)) refuseExplicit(now, root, report);
      if (!root || report.problems.some(isError)) return { text, problems: report.problems };
      warnings ??= warningsOf(now, root, world);
      const edits = kind(now, root, world);
      if (edits.length === 0) break;
      text = splice(text, edits);
    }
  }
  return { text, warnings: warnings ?? [] };
}

function warningsOf(source: Source, root: Node, world: Pick<World, "env">): readonly Problem[] {
  const report = createReport();
  warnOfShells(source, root, world, report);
  return report.problems;
}

/** Of a key behind a `?` the value stands elsewhere than edits look for it. */
function refuseExplicit(source: Source, root: Node, report: Report): void {
  const entries = [
    ...originalPrograms(root).flatMap(({ entries: all }) => ["script", "args"].map((key) => all.get(key))),
    ...changes(root).map(({ entry }) => entry),
    ...originalCommands(root).flatMap(emptyTexts),
  ];
  for (const entry of entries) {
    if (!entry || !isExplicit(source.text, entry)) continue;
    const key = source.text.slice(entry.key.start, entry.key.end);
    report.error(source, entry.key, "bad-key", `\`? ${key}\` cannot be rewritten`, `write \`${key}: ...\``);
  }
}

type Kind = (source: Source, root: Node, world: Pick<World, "env">) => readonly Edit[];

/** More than any command has to lose. Keys go one at a time from each mapping, as the next one may begin where the last one did. */
const MOST_REMOVALS = 20;

const KINDS: readonly (readonly [kind: Kind, times: number])[] = [
  [texts, 1],
  [values, 1],
  [removals, MOST_REMOVALS],
  [runs, 1],
];

/** Texts that YAML takes for something else, and the `${` of shells. An alias shares the text of its anchor. */
function texts({ text }: Source, root: Node, world: Pick<World, "env">): readonly Edit[] {
  const commands = originalCommands(root);
  const written = Array.from(new Set(commands.flatMap(textsToQuote))).filter((node) => node.text !== "");
  const quotes = written.map((node) => ({ start: node.start, end: node.end, text: quoted(textOf(node)) }));
  const shells = new Set(originalPrograms(root).flatMap(shellTexts));
  const empty = new Set(commands.flatMap(emptyTexts));
  const nothings = Array.from(empty, (entry) => writtenValue(text, entry)).filter(({ form }) => form === "nothing");
  const empties = nothings.map(({ start, end }) => ({ start, end, text: ' ""' }));
  const items = originalPrograms(root).flatMap((command) => emptyItems(text, child(command, "args")));
  return [...quotes, ...empties, ...items, ...Array.from(shells, (node) => escapes(text, node, world)).flat()];
}

/** A variable or a header without a value had the empty one. */
function emptyTexts(command: MappingNode): readonly Entry[] {
  const webhook = child(command, "webhook");
  const maps = [child(command, "env"), webhook && child(webhook, "headers")];
  return maps.flatMap((map) => (map?.kind === "mapping" ? Array.from(map.entries.values()) : []));
}

function escapes(text: string, node: ScalarNode, world: Pick<World, "env">): readonly Edit[] {
  const edits: Edit[] = [];
  let from = node.start;
  for (const written of unfilled(node.text, world)) {
    const start = text.indexOf(written, from);
    if (start < 0 || start >= node.end) continue;
    edits.push({ start, end: start, text: "$" });
    from = start + written.length;
  }
  return edits;
}

function values({ text }: Source, root: Node): readonly Edit[] {
  return changes(root).flatMap(({ entry, node, write }) => {
    if (!node) return [];
    const written = writtenValue(text, entry);
    // An anchor stays where it is, unless the value moves into a map with it.
    const start = node.kind === "scalar" ? written.bare : written.start;
    const value = written.form === "block scalar" ? quoted(scalarText(entry)) : text.slice(start, written.end);
    return [{ start, end: written.end, text: write(value) }];
  });
}

function removals({ text }: Source, root: Node): readonly Edit[] {
  const gone = changes(root).filter(({ node }) => node === null);
  const first = new Map(gone.map((change) => [change.within, change]));
  return Array.from(first, ([within, { entry }]) => removal(text, within, entry));
}

/** What stands under several aliases is written once. */
function changes(root: Node): readonly Change[] {
  const hasDefaults = valueAt(root, "defaults", "container") !== undefined;
  const all = [
    ...settingsChanges(root),
    ...originalCommands(root).flatMap((command) => changesOf(command, hasDefaults)),
  ];
  return [...new Map(all.map((change) => [change.entry, change])).values()];
}

/** `script` and `args` become `run`, in flow style where `args` is, else as a list of lines at the place of `args`. */
function runs({ text }: Source, root: Node): readonly Edit[] {
  return originalPrograms(root).flatMap((command) => {
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
