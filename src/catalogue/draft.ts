import { join, resolve } from "node:path";
import type { Rule } from "../base/problem.ts";
import { type Faults, holdsBroken, holdsUnknown, isBroken } from "./faults.ts";
import type { Interpolator } from "./interpolate.ts";
import type { Report } from "./report.ts";
import { type Range, type Source, findText } from "./source.ts";
import type { World } from "./world.ts";
import { type MappingNode, type Node, type ScalarNode, child, keyAt, textAt, toValue } from "./node.ts";

/** What all commands of one catalogue are read against. */
export interface Setting {
  readonly world: World;
  readonly path: string;
  /** The real path of the workspace. */
  readonly workspace: string;
  /** The real paths of the files of the catalogue. */
  readonly files: readonly string[];
  readonly interpolator: Interpolator;
  /** Takes room for the pictures of an icon, so many characters; false: there is none left. */
  readonly iconRoom: (characters: number) => boolean;
  /** The variables that commands lack, and are refused for when they are called. */
  readonly unset: ReadonlyMap<MappingNode, readonly string[]>;
  /** Words of the command line that a command or a parameter of the same name would hide behind. */
  readonly reserved: { readonly verbs: readonly string[]; readonly options: readonly string[] };
}

/** A mapping of a file that is being read: its values where they are usable, and the places to report. */
export interface Draft {
  readonly source: Source;
  readonly node: MappingNode;
  /** The value of a key; undefined when it is absent, or when anything in it was reported already. */
  get(key: string): unknown;
  /** The text of a key; empty when it is absent. */
  text(key: string): string;
  /** The node of a key; undefined when it is absent or was itself reported. What is in it may have been: see `isBroken`. */
  nodeOf(key: string): Node | undefined;
  /** Whether the value itself was reported already. */
  isBroken(node: Node): boolean;
  /** Whether the key is there, or may have been meant by one that was reported as unknown. */
  mayHave(key: string): boolean;
  /** Whether nothing in it was reported by the schema as unusable. */
  isUsable(): boolean;
  /** Whether no error was reported in it so far, by the schema or by its readers. */
  isSound(): boolean;
  /** A mapping inside this one; its errors count for this one too. */
  inside(node: MappingNode): Draft;
  /** The place of a key, or of the mapping. */
  at(key: string): Range;
  /** Answers null, for readers that end with it. */
  error(range: Range, rule: Rule, message: string, hint?: string): null;
  warn(range: Range, rule: Rule, message: string, hint?: string): void;
}

export function createDraft(source: Source, root: MappingNode, faults: Faults, report: Report): Draft {
  let errors = 0;
  // While nothing was reported at all, nothing can be broken, and most files stay so to their end.
  const holds = (check: typeof holdsBroken, node: Node): boolean => report.problems.length > 0 && check(node, faults);

  function inside(node: MappingNode): Draft {
    const nodeOf = (key: string): Node | undefined => {
      const found = child(node, key);
      return found && isBroken(found, faults) ? undefined : found;
    };
    return {
      source,
      node,
      inside,
      nodeOf,
      isBroken: (each) => isBroken(each, faults),
      mayHave: (key) => node.entries.has(key) || (faults.meant.get(node)?.includes(key) ?? false),
      isUsable: () => !holds(holdsBroken, node),
      isSound: () => errors === 0 && !holds(holdsBroken, node) && !holds(holdsUnknown, node),
      get: (key) => {
        const found = child(node, key);
        return found && !holds(holdsBroken, found) ? toValue(found) : undefined;
      },
      text: (key) => textAt(node, key),
      at: (key) => keyAt(node, key),
      error: (range, rule, message, hint) => {
        errors += 1;
        report.error(source, range, rule, message, hint);
        return null;
      },
      warn: (range, rule, message, hint) => report.warn(source, range, rule, message, hint),
    };
  }

  return inside(root);
}

/** The text of a scalar where text is wanted: unquoted numbers and booleans count when they keep their spelling. */
export function textOf(draft: Draft, node: ScalarNode): string {
  if (typeof node.value === "string") return node.value;
  if (String(node.value) !== node.text && !node.isFaulty) {
    draft.error(
      node,
      "unsafe-number",
      `as text this would be ${String(node.value)}, not ${node.text}`,
      `write it in quotes: "${node.text}"`,
    );
  }
  return String(node.value);
}

/** The path of a folder that a catalogue names: relative to the workspace, `~` standing for the home folder. */
export function folderAt(path: string, { workspace, world }: Setting): string {
  return path === "~" || path.startsWith("~/") ? join(world.host.home, path.slice(1)) : resolve(workspace, path);
}

/** The place of some text inside a range, or the range where it cannot be found. */
export function within(draft: Draft, range: Range, text: string): Range {
  return findText(draft.source.text, range, text);
}
