import { basename } from "node:path";
import { type DraftParam, type Value, literal, placeOf } from "./draft.ts";
import { valueSchema } from "./help-params.ts";
import { isAboutCode } from "./launchers.ts";
import type { Names } from "./names.ts";
import { oneLine } from "./words.ts";

/** What stands behind the options on a command line. */
export interface Positionals {
  readonly params: readonly DraftParam[];
  readonly run: readonly string[];
  /** Parts that were not understood, and can be left out. */
  readonly strange: readonly string[];
}

interface Operand {
  readonly name: string;
  readonly isOptional: boolean;
  readonly isRepeated: boolean;
}

interface Form {
  readonly parts: readonly (Operand | "--")[];
  readonly strange: readonly string[];
}

interface Usage {
  readonly usage: readonly string[];
  /** Names that its list of operands tells. */
  readonly operands: ReadonlySet<string>;
}

/** Reads the first form of a usage that is understood; of several forms none of its words is required. A text is why there is none. */
export function positionalsOf(
  { usage, operands }: Usage,
  words: readonly string[],
  names: Names,
): Positionals | string {
  const own = usage.map((form) => ownPart(form, words)).filter((rest) => rest !== undefined);
  const forms = own.map((rest) => formOf(rest, operands));
  const form = forms.find((each) => typeof each !== "string");
  if (!form) return typeof forms[0] === "string" ? forms[0] : { params: [], run: [], strange: usage.slice(0, 1) };
  const params: DraftParam[] = [];
  const run: string[] = [];
  for (const part of form.parts) {
    if (part === "--") run.push("--");
    else {
      const name = names.take(nameOf(part));
      const isRequired = !part.isOptional && usage.length === 1;
      params.push({ name, ...schemaOf(part, { isRequired, isFree: run.includes("--") }) });
      run.push(placeOf(name));
    }
  }
  return { params, run: run.at(-1) === "--" ? run.slice(0, -1) : run, strange: form.strange };
}

/** What stands behind the program and its subcommands; undefined in the usage of another. */
function ownPart(form: string, [program = "", ...subcommands]: readonly string[]): string | undefined {
  const parts = partsOf(form, /\s/);
  const [first = "", ...rest] = parts ?? form.split(/\s+/);
  const isOwn =
    subcommands.length === 0 ||
    (basename(first) === basename(program) && subcommands.every((word, index) => rest[index] === word));
  return isOwn ? rest.slice(subcommands.length).join(" ") : undefined;
}

/** The operands of a form; or why they are not understood. */
function formOf(text: string, known: ReadonlySet<string>): Form | string {
  const parts: (Operand | "--")[] = [];
  const strange: string[] = [];
  const tokens = partsOf(text, /\s/)?.flatMap((token) => withoutEnd(token));
  const odd = `the usage \`${oneLine(text, 200)}\` is not understood`;
  // Some close a bracket that they did not open; what can be left out then is not known, but options are.
  if (!tokens && !isAboutCode(text)) return { parts: [], strange: [text] };
  if (!tokens) return odd;
  for (const token of tokens) {
    if (isOptions(token)) continue;
    if (isAboutCode(token)) return `its operand \`${oneLine(token, 60)}\` would let a model choose what is run`;
    const operand = operandOf(token, known);
    if (token === "--") parts.push(...(parts.includes("--") ? [] : (["--"] as const)));
    else if (DOTS.test(token)) parts.push(...repeated(parts.pop()));
    else if (operand) parts.push(...after(parts.pop(), operand));
    else if (token.startsWith("[")) strange.push(token);
    else return odd;
  }
  return parts.length > MOST ? odd : { parts, strange };
}

const MOST = 12;
const DOTS = /^(?:\.\.\.|…)$/;
const OPTIONS = /^[[<(]*(?:[\w-]+[ _-])*(?:options?|flags?|opts)[>)]?\s*(?:\.\.\.|…)?[\])>]*(?:\.\.\.|…)?$/i;

/** `[OPTIONS]`, `[-x <value>]`, and `(-a | -b)`, where all of its choices are options. */
function isOptions(token: string): boolean {
  const [, open, inner = ""] = /^([[(])([^]*)[\])](?:\.\.\.|…)?$/.exec(token) ?? [];
  const starts = (partsOf(inner, /\|/) ?? []).map((part) => /^[\s[(]*-/.test(part));
  return OPTIONS.test(token) || (open === "(" ? starts.every(Boolean) : starts[0] === true);
}

/** `FILE [FILE...]` are several of one. */
function after(last: Operand | "--" | undefined, operand: Operand): readonly (Operand | "--")[] {
  if (last === undefined || last === "--" || last.name !== operand.name || !operand.isRepeated)
    return [...(last === undefined ? [] : [last]), operand];
  return [{ ...last, isRepeated: true }];
}

function repeated(part: Operand | "--" | undefined): readonly (Operand | "--")[] {
  return part === undefined ? [] : [part === "--" ? part : { ...part, isRepeated: true }];
}

/** `[--]`, and `[[--] FILE]` as both of its parts. */
function withoutEnd(token: string): readonly string[] {
  const rest = /^\[(?:\[--\]|--)\s+([^]*)\]$/.exec(token)?.[1];
  return rest === undefined ? [token === "[--]" ? "--" : token] : ["--", `[${rest}]`];
}

const OPERAND =
  /^(?:<([\w /.-]{1,60})>|([A-Z][A-Z0-9_-]*)|([a-z][\w-]{0,40}))(?:(?:\[[^\s[\]]*\])+(?:\.\.\.|…)?|\s*(\.\.\.|…))?$/;

function operandOf(token: string, known: ReadonlySet<string>): Operand | undefined {
  const bracket = /^\[([^]*)\](\.\.\.|…)?$/.exec(token);
  const inner = bracket?.[1] ?? token;
  const words = partsOf(inner, /\|/)?.map((each) => OPERAND.exec(each.trim()));
  if (!words || words.length > 3) return undefined;
  const found = words.filter((match) => match !== null);
  const isTold = found.every(([, , , plain]) => plain === undefined || bracket !== null || known.has(plain));
  const name = found.map(([, angled, shouted, plain]) => (angled ?? shouted ?? plain ?? "").trim()).join("_or_");
  if (found.length !== words.length || !isTold || /^(?:arg(?:ument)?s?|or|and|stdin|stdout)$/i.test(name))
    return undefined;
  const isRepeated = bracket?.[2] !== undefined || found.some(([, , , , dots]) => dots !== undefined);
  return { name, isOptional: bracket !== null, isRepeated };
}

/** Splits where no bracket is open; undefined where brackets do not match. */
function partsOf(text: string, at: RegExp): readonly string[] | undefined {
  const parts = [""];
  const open: string[] = [];
  for (const sign of text) {
    const pair = "[](){}<>".indexOf(sign);
    if (pair >= 0 && pair % 2 === 0) open.push(sign);
    else if (pair >= 0 && open.pop() !== "[({<"[(pair - 1) / 2]) return undefined;
    if (open.length === 0 && at.test(sign)) parts.push("");
    else parts.push((parts.pop() ?? "") + sign);
  }
  return open.length === 0 ? parts.filter((part) => part !== "") : undefined;
}

/** FILE is shouted only to stand out; several of them are files. */
function nameOf({ name, isRepeated }: Operand): string {
  const quiet = name === name.toUpperCase() ? name.toLowerCase() : name;
  return isRepeated && /[a-rt-z]$/.test(quiet) ? `${quiet}s` : quiet;
}

function schemaOf(
  { name, isRepeated }: Operand,
  { isRequired, isFree }: { isRequired: boolean; isFree: boolean },
): Omit<DraftParam, "name"> {
  const { schema: guess, from } = valueSchema(name);
  const isList = isRepeated || guess["type"] === "array";
  const schema = guess["type"] === "array" ? { type: "string", maxLength: 1000 } : guess;
  // Behind `--` a dash does no harm.
  const guarded: { [word: string]: Value | undefined } = { ...schema };
  if (schema["type"] === "string" && !isFree) guarded["pattern"] = "[^-].*";
  if (schema["type"] === "integer" && !isFree) guarded["minimum"] = 0;
  return {
    schema: {
      ...(isList ? { type: "array", items: guarded, maxItems: 100 } : guarded),
      ...(isRequired ? { required: true } : {}),
      description: literal(`What the usage calls \`${name}\`.`),
    },
    review: from ?? "say what it is",
  };
}
