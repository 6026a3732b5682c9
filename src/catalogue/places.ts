import { didYouMean } from "../base/nearest.ts";
import { type Template, mentioned, parseTemplate } from "../command/template.ts";
import { type Draft, textOf, within } from "./draft.ts";
import type { ScalarNode } from "./node.ts";
import { NO_PARAMETERS, type Parameters, typesOf } from "./params.ts";
import type { Range } from "./source.ts";

/** What the places of a text are read against. */
export interface Reader {
  readonly draft: Draft;
  readonly params: Parameters;
  /** The names that may be mentioned. */
  readonly names: ReadonlySet<string>;
  /** What to do instead where no parameter is filled in; empty where parameters are. */
  readonly instead: string;
  /** What the parameters are of. */
  readonly noun: "command" | "prompt" | "resource";
}

const ALWAYS = ["workspace", "call_id"];

export function readerOf(draft: Draft, params: Parameters, ...more: readonly string[]): Reader {
  return { draft, params, names: new Set([...params.declared, ...ALWAYS, ...more]), instead: "", noun: "command" };
}

/** For what is made without a call, which has no id. */
export function readerWithoutCall(draft: Draft, params: Parameters, noun: Reader["noun"]): Reader {
  return { draft, params, names: new Set([...params.declared, "workspace"]), instead: "", noun };
}

/** For texts that are no part of a call. */
export function readerWithoutParameters(draft: Draft, instead: string): Reader {
  return { draft, params: NO_PARAMETERS, names: new Set(ALWAYS), instead, noun: "command" };
}

/** Reads a template and reports what is wrong with its places. */
export function templateOf(reader: Reader, node: ScalarNode): Template {
  const { draft, params, names } = reader;
  if (typeof node.value !== "string") return [textOf(draft, node)];
  const { template, faults } = parseTemplate(node.template);
  for (const fault of faults)
    draft.error(within(draft, node, fault.text), "placeholder", fault.message, "write `${{ name }}`");
  for (const name of mentioned(template)) if (!names.has(name) && !params.isOpen) reportUnknown(reader, node, name);
  return template;
}

/** Reads a template that becomes one text, in which an array has no place. */
export function textTemplateOf(reader: Reader, node: ScalarNode): Template {
  const template = templateOf(reader, node);
  for (const name of mentioned(template)) checkArrayInText(reader, node, name);
  return template;
}

export function checkArrayInText({ draft, params }: Reader, node: ScalarNode, name: string): void {
  if (!spreads(params, name)) return;
  draft.error(
    nameInside(draft, node, name),
    "array-in-text",
    `"${name}" is an array, and this is one element of text`,
    `add \`join: ","\` to it, or let it stand alone`,
  );
}

/** Whether a parameter stands for a text for each of its items. */
export function spreads(params: Parameters, name: string): boolean {
  const words = params.raw.get(name);
  return words !== undefined && typesOf(words).includes("array") && words.join === undefined && words.as !== "file";
}

function reportUnknown({ draft, names, instead, noun }: Reader, node: ScalarNode, name: string): void {
  const known = [...names].filter((each) => each !== "flags");
  const range = nameInside(draft, node, name);
  if (instead !== "") {
    const places = ALWAYS.map((each) => `\`\${{ ${each} }}\``).join(" and ");
    draft.error(range, "unknown-parameter", `only ${places} are filled in here`, instead);
    return;
  }
  const hint = didYouMean(name, names) || `declare it under \`params\`, or use one of ${known.join(", ")}`;
  draft.error(range, "unknown-parameter", `"${name}" is not a parameter of this ${noun}`, hint);
}

/** The place of a name between `${{` and `}}`. */
function nameInside(draft: Draft, node: ScalarNode, name: string): Range {
  const pattern = new RegExp(`\\$\\{\\{\\s*(?=${name}\\s*\\}\\})`, "g");
  pattern.lastIndex = node.start;
  const match = pattern.exec(draft.source.text);
  if (!match || match.index >= node.end) return node;
  const start = match.index + match[0].length;
  return { start, end: start + name.length };
}
