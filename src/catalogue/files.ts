import { dirname, resolve } from "node:path";
import { type Interpolator, interpolateAll } from "./interpolate.ts";
import { readLegacy } from "./legacy.ts";
import { mayLackVariables } from "./legacy-unset.ts";
import type { Report } from "./report.ts";
import type { Faults } from "./faults.ts";
import { checkSchema } from "./schema.ts";
import { type Source, findText, isUnreadable } from "./source.ts";
import type { World } from "./world.ts";
import { type MappingNode, type Node, child, toValue } from "./node.ts";
import { parseYaml } from "./yaml.ts";

/** One parsed and checked file of a catalogue. */
export interface CatalogueFile {
  readonly source: Source;
  readonly root: MappingNode;
  readonly faults: Faults;
  /** The variables that commands of an original's file lack: these are refused when they are called. */
  readonly unset: ReadonlyMap<MappingNode, readonly string[]>;
  /** The file that includes this one; null for the main file. */
  readonly parent: CatalogueFile | null;
}

/** A variable without a default. */
const PLAIN = /^\$\{\w+\}$/;
const KEPT = "write `$${` where the shell's own begins";

/** What only the main file may set. */
const MAIN_ONLY = [
  "name",
  "title",
  "instructions",
  "icons",
  "workspace",
  "concurrency",
  "queue",
  "records",
  "analytics",
];

/**
 * Reads a catalogue file and, depth first, all that it includes; each file once. `text` is read instead of what the file holds,
 * also where there is none yet.
 */
export function readFiles(
  file: string,
  world: World,
  interpolator: Interpolator,
  report: Report,
  text?: string,
): readonly CatalogueFile[] {
  const files: CatalogueFile[] = [];
  const read = world.read(file);
  const known = isUnreadable(read) ? { file, path: resolve(file), worldWritable: false } : read;
  const source = text === undefined ? read : { ...known, text };
  if (isUnreadable(source)) {
    report.error(
      { file, path: file, text: "", worldWritable: false },
      { start: 0, end: 0 },
      source.rule,
      source.message,
      source.hint,
    );
    return files;
  }
  readInto(files, source, null);
  return files;

  function readInto(found: CatalogueFile[], from: Source, parent: CatalogueFile | null): void {
    const one = readFile(from, parent, interpolator, report);
    if (!one) return;
    found.push(one);
    for (const { node, path } of includesOf(one, world, report)) {
      if (isAncestor(path, one)) {
        report.error(
          from,
          node,
          "include",
          `the files include each other in a circle, through ${path}`,
          "remove one of the includes",
        );
        continue;
      }
      const next = world.read(path);
      if (isUnreadable(next)) report.error(from, node, "include", next.message, next.hint);
      else if (!found.some((each) => each.source.path === next.path)) readInto(found, next, one);
    }
  }
}

function readFile(
  source: Source,
  parent: CatalogueFile | null,
  interpolator: Interpolator,
  report: Report,
): CatalogueFile | null {
  if (source.worldWritable)
    report.warn(
      source,
      { start: 0, end: 1 },
      "file-writable",
      `anybody on this machine may change ${source.file}`,
      `run \`chmod o-w\` on it`,
    );
  const root = parseYaml(source, report);
  if (!root) return null;
  if (root.kind === "scalar" && root.value === null) {
    report.error(source, root, "empty-file", "the file is empty", "begin with `commands:`");
    return null;
  }
  const shellTexts = readLegacy(source, root, saysContainer(root, parent), report);
  const lenient = mayLackVariables(root);
  const unset = new Map<MappingNode, string[]>();
  // A file that mentions no variable, and no `$${`, is not searched for one.
  if (/\$\$\{|\$\{(?!\{)|\\[uUx\r\n]/.test(source.text))
    interpolateAll(root, untouched(root), interpolator, (node) => (written, message, hint) => {
      const range = findText(source.text, node, written);
      if (shellTexts.has(node)) {
        report.warn(source, range, "legacy", `\`${written}\` is left to the shell: ${message}`, KEPT);
        return written;
      }
      const command = PLAIN.test(written) ? lenient.get(node) : undefined;
      if (command) {
        report.warn(source, range, "unset-variable", `${message}, so that calls of this command are refused`, hint);
        unset.set(command, [...(unset.get(command) ?? []), written]);
        return written;
      }
      report.error(source, range, "unset-variable", message, hint);
      node.isFaulty = true;
      return "";
    });
  const faults = checkSchema(source, root, report);
  if (root.kind !== "mapping") return null;
  for (const key of parent ? MAIN_ONLY : []) {
    const entry = root.entries.get(key);
    if (entry) report.error(source, entry.key, "include", `only the main file sets \`${key}\``, "move it there");
  }
  return { source, root, faults, unset, parent };
}

/**
 * A `run` that is one text: a shell's `${NAME}` is the shell's own, and a line is split before it is filled in. And what is not
 * used.
 */
function untouched(root: Node): ReadonlySet<Node> {
  const commands = child(root, "commands");
  const runs = commands?.kind === "sequence" ? commands.items.map((command) => child(command, "run")) : [];
  const server = child(root, "server");
  return new Set([...runs.filter((run) => run?.kind === "scalar"), ...(server ? [server] : [])]);
}

/** Whether a file, or one that includes it, says for all commands what containers are like. */
function saysContainer(root: Node, parent: CatalogueFile | null): boolean {
  const defaults = child(root, "defaults");
  if (defaults && child(defaults, "container")) return true;
  return parent !== null && saysContainer(parent.root, parent.parent);
}

function includesOf(file: CatalogueFile, world: World, report: Report): readonly { node: Node; path: string }[] {
  const include = child(file.root, "include");
  if (include?.kind !== "sequence") return [];
  return include.items.flatMap((node) => {
    const pattern = String(toValue(node));
    const folder = dirname(file.source.path);
    if (!/[*?[{]/.test(pattern)) return [{ node, path: resolve(folder, pattern) }];
    const paths = world.glob(pattern, folder);
    if (paths.length === 0) report.warn(file.source, node, "include", `no file matches ${pattern}`);
    return paths.map((path) => ({ node, path }));
  });
}

function isAncestor(path: string, file: CatalogueFile): boolean {
  for (let each: CatalogueFile | null = file; each; each = each.parent) if (each.source.path === path) return true;
  return false;
}
