import type { Value } from "./draft.ts";

export const WIDTH = 118;

/** What is plain in YAML, in a flow list too, and could be neither a number nor one of its words. */
const PLAIN = /^(?:\d+(?:ms|s|m|h)$|[A-Za-z_/]|\.\/|--?[A-Za-z])(?:[A-Za-z0-9_./@+=~-]| (?=[A-Za-z0-9_./@+-]))*$/;
const WORD = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
/** What JSON leaves as it is and YAML does not take, or people do not see. */
const UNSEEN = /[\u007F-\u009F\u00AD\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFF]/g;

export function scalar(value: null | boolean | number | string): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return value === "--" || (PLAIN.test(value) && !WORD.test(value)) ? value : quoted(value);
}

function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    UNSEEN,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** On one line. */
export function flow(value: Value): string {
  if (Array.isArray(value)) return `[${value.map((each: Value) => flow(each)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return scalar(value);
  const entries = entriesOf(value as { readonly [key: string]: Value | undefined });
  return entries.length === 0
    ? "{}"
    : `{ ${entries.map(([key, each]) => `${scalar(key)}: ${flow(each)}`).join(", ")} }`;
}

/** The lines of `key: value`; on one line where it fits. */
export function entry(key: string, value: Value, indent: string, note = ""): readonly string[] {
  const head = `${indent}${scalar(key)}:`;
  const end = note === "" ? "" : ` # ${note}`;
  const one = `${head} ${flow(value)}`;
  if (typeof value === "string") return textLines(head, value, indent, end);
  if (one.length <= WIDTH || !isNested(value)) return [one + end];
  const lines = Array.isArray(value)
    ? value.flatMap((each: Value) => item(each, indent))
    : entriesOf(value as { readonly [key: string]: Value | undefined }).flatMap(([name, each]) =>
        entry(name, each, `${indent}  `),
      );
  return [head + end, ...lines];
}

function item(value: Value, indent: string): readonly string[] {
  const one = `${indent}  - ${flow(value)}`;
  if (one.length <= WIDTH || !isNested(value) || Array.isArray(value)) return [one];
  const [first = "", ...rest] = entriesOf(value as { readonly [key: string]: Value | undefined }).flatMap(
    ([name, each]) => entry(name, each, `${indent}    `),
  );
  return [`${indent}  - ${first.trimStart()}`, ...rest];
}

function textLines(head: string, value: string, indent: string, end: string): readonly string[] {
  const deeper = `${indent}  `;
  if (isScript(value))
    return [
      `${head} |${end}`,
      ...value
        .trimEnd()
        .split("\n")
        .map((line) => (line === "" ? "" : deeper + line)),
    ];
  const one = `${head} ${isProse(value) ? value : scalar(value)}`;
  if (
    one.length <= WIDTH ||
    !/^\S+(?: \S+)+$/.test(value) ||
    value.includes("${{") ||
    /^[#&*!|>]/.test(value) ||
    /[^\u0020-\u007E\u00A1-\uD7FF]/.test(value)
  )
    return [one + end];
  return [`${head} >-${end}`, ...wrap(value, WIDTH - deeper.length).map((line) => deeper + line)];
}

/** What is plain where no list and no map is around it. */
function isProse(value: string): boolean {
  return /^[A-Za-z][ -~]*[!-~]$/.test(value) && !/: | #|:$/.test(value) && !WORD.test(value);
}

/** What stands unchanged in a block of lines. */
function isScript(value: string): boolean {
  return /^[!-~][^\n]*\n(?:[\t\n\u0020-\u007E]*\n)?$/.test(value) && !/[ \t]\n|\n\n$/.test(value);
}

/** Words in lines of a width; a word that is longer has a line of its own. */
export function wrap(line: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of line.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Without what is not there. */
export function entriesOf(value: { readonly [key: string]: Value | undefined }): readonly [string, Value][] {
  return Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, each] as [string, Value]]));
}

function isNested(value: Value): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}
