import type { Rule } from "../base/problem.ts";
import { didYouMean } from "../base/nearest.ts";
import { type Template, mentioned, parseTemplate } from "../command/template.ts";
import type { Interpolator } from "./interpolate.ts";
import type { Report } from "./report.ts";
import type { Path } from "./schema.ts";
import { type Range, type Source, findText } from "./source.ts";
import type { World } from "./world.ts";
import { type MappingNode, type Node, type ScalarNode, child, keyAt, textAt, toValue } from "./node.ts";

/** What all commands of one catalogue are read against. */
export interface Setting {
  readonly world: World;
  readonly path: string;
  /** The real path of the workspace. */
  readonly workspace: string;
  readonly interpolator: Interpolator;
  /** Words of the command line that a command or a parameter of the same name would hide behind. */
  readonly reserved: { readonly verbs: readonly string[]; readonly options: readonly string[] };
}

/** A mapping of a file that is being read: its values where they are usable, and the places to report. */
export interface Draft {
  readonly source: Source;
  readonly node: MappingNode;
  /** The value of a key, as the schema checked it; undefined when it is absent or was reported already. */
  get(key: string): unknown;
  /** The text of a key; empty when it is absent. */
  text(key: string): string;
  /** The node of a key, under the same conditions. */
  nodeOf(key: string): Node | undefined;
  /** Whether something at or below the key was reported already, so that nothing should be concluded from it. */
  isBroken(...path: Path): boolean;
  /** The place of a key, or of the mapping. */
  at(key: string): Range;
  /** Answers null, for readers that end with it. */
  error(range: Range, rule: Rule, message: string, hint?: string): null;
  warn(range: Range, rule: Rule, message: string, hint?: string): void;
}

export function createDraft(source: Source, node: MappingNode, broken: readonly Path[], report: Report): Draft {
  const isBroken = (...path: Path): boolean =>
    broken.some((each) => path.every((step, index) => String(each[index]) === String(step)));
  const nodeOf = (key: string): Node | undefined => (isBroken(key) ? undefined : child(node, key));
  return {
    source,
    node,
    isBroken,
    nodeOf,
    get: (key) => {
      const found = nodeOf(key);
      return found ? toValue(found) : undefined;
    },
    text: (key) => textAt(node, key),
    at: (key) => keyAt(node, key),
    error: (range, rule, message, hint) => {
      report.error(source, range, rule, message, hint);
      return null;
    },
    warn: (range, rule, message, hint) => report.warn(source, range, rule, message, hint),
  };
}

/** The text of a scalar where text is wanted: unquoted numbers and booleans count when they keep their spelling. */
export function textOf(draft: Draft, node: ScalarNode): string {
  if (typeof node.value === "string") return node.value;
  if (String(node.value) !== node.text) {
    draft.error(
      node,
      "unsafe-number",
      `as text this would be ${String(node.value)}, not ${node.text}`,
      `write it in quotes: "${node.text}"`,
    );
  }
  return String(node.value);
}

/** Reads a template and reports what is wrong with its places. `known` are the names that it may mention. */
export function templateOf(draft: Draft, node: ScalarNode, known: ReadonlySet<string>): Template {
  if (typeof node.value !== "string") return [textOf(draft, node)];
  const { template, faults } = parseTemplate(node.template);
  for (const fault of faults)
    draft.error(within(draft, node, fault.text), "placeholder", fault.message, "write `${{ name }}`");
  for (const name of mentioned(template)) {
    if (known.has(name)) continue;
    const hint =
      didYouMean(name, known) ||
      (known.size === 0
        ? "no parameter can stand here"
        : `declare it under \`params\`, or use one of ${[...known].join(", ")}`);
    draft.error(
      nameInside(draft, node, name),
      "unknown-parameter",
      `"${name}" is not a parameter of this command`,
      hint,
    );
  }
  return template;
}

/** The place of some text inside a range, or the range where it cannot be found. */
export function within(draft: Draft, range: Range, text: string): Range {
  return findText(draft.source.text, range, text);
}

function nameInside(draft: Draft, node: Range, name: string): Range {
  const pattern = new RegExp(`\\$\\{\\{\\s*(?=${name}\\s*\\}\\})`, "g");
  pattern.lastIndex = node.start;
  const match = pattern.exec(draft.source.text);
  if (!match || match.index >= node.end) return node;
  const start = match.index + match[0].length;
  return { start, end: start + name.length };
}
