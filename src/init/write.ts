import type { Draft, DraftCommand, DraftParam } from "./draft.ts";
import { oneLine } from "./words.ts";
import { WIDTH, entriesOf, entry, flow, scalar, wrap } from "./yaml.ts";

export interface Written {
  readonly text: string;
  /** The line (from 1) in which each command begins, in their order. */
  readonly starts: readonly number[];
}

/** The text of a draft, with what to look at and what was left out as comments. `head` stands above all. */
export function writeDraft(draft: Draft, head: readonly string[]): Written {
  const lines = [...head, "", ...entry("name", draft.name, "")];
  if (draft.instructions !== undefined) lines.push(...entry("instructions", draft.instructions, ""));
  lines.push("", draft.commands.length === 0 ? "commands: []" : "commands:");
  const starts: number[] = [];
  for (const [index, command] of draft.commands.entries()) {
    if (index > 0) lines.push("");
    starts.push(lines.length + 1);
    lines.push(...commandLines(command));
  }
  if (draft.notes.length > 0) lines.push("", ...noteLines(draft.notes));
  return { text: `${lines.join("\n")}\n`, starts };
}

function commandLines(command: DraftCommand): readonly string[] {
  const { effect, from } = command.effect;
  const keys = entriesOf(command.keys);
  const told = keys.filter(([key]) => ABOVE.has(key));
  const rest = keys.filter(([key]) => !ABOVE.has(key));
  return [
    ...command.review.flatMap((each) => comment(`review: ${each}`, "  ", "")),
    `  - name: ${scalar(command.name)}`,
    ...told.flatMap(([key, value]) => entry(key, value, INNER)),
    ...entry("effect", effect, INNER, from === "" ? "" : `review: guessed from ${from}`),
    ...rest.flatMap(([key, value]) => entry(key, value, INNER).concat(isProgram(key) ? paramLines(command) : [])),
  ];
}

const INNER = "    ";
const ABOVE = new Set(["title", "description"]);

/** The parameters stand below what they are for. */
function isProgram(key: string): boolean {
  return key === "run" || key === "webhook";
}

function paramLines({ params }: DraftCommand): readonly string[] {
  return params.length === 0 ? [] : [`${INNER}params:`, ...params.flatMap((param) => oneParam(param))];
}

function oneParam({ name, schema, review }: DraftParam): readonly string[] {
  const note = review === undefined ? "" : `review: ${oneLine(review, 200)}`;
  const head = `${INNER}  ${scalar(name)}:`;
  const one = `${head} ${flow(schema)}`;
  const end = note === "" ? "" : ` # ${note}`;
  return one.length + end.length <= WIDTH ? [one + end] : broken(head, schema, end);
}

/** A line for each word of the schema. */
function broken(head: string, schema: DraftParam["schema"], end: string): readonly string[] {
  return [head + end, ...entriesOf(schema).flatMap(([word, value]) => entry(word, value, `${INNER}    `))];
}

function noteLines(notes: readonly string[]): readonly string[] {
  return ["# Not brought over:", ...notes.flatMap((note) => comment(`- ${note}`, "", "  "))];
}

function comment(text: string, indent: string, hang: string): readonly string[] {
  const lines = wrap(oneLine(text, 2000), WIDTH - indent.length - hang.length - 2);
  return lines.map((line, index) => `${indent}# ${index === 0 ? "" : hang}${line}`);
}
