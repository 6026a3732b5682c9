import { type DraftParam, type Value, literal, placeOf } from "./draft.ts";
import { valueSchema } from "./help-params.ts";
import type { Names } from "./names.ts";

/** What stands behind the options on a command line. */
export interface Positionals {
  readonly params: readonly DraftParam[];
  readonly run: readonly string[];
}

interface Word {
  readonly name: string;
  readonly isOptional: boolean;
  readonly isRepeated: boolean;
}

/** Reads the first form of a usage that is the program's own; of several forms none of its words is required. */
export function positionalsOf(usage: readonly string[], words: readonly string[], names: Names): Positionals {
  const own = usage.find((each) => `${each} `.startsWith(`${words.join(" ")} `)) ?? usage[0] ?? "";
  const form = withoutOptions(own, words.length);
  const params: DraftParam[] = [];
  const run: string[] = [];
  for (const word of wordsIn(form)) {
    if (word === "--") {
      run.push("--");
      continue;
    }
    const name = names.take(nameOf(word));
    params.push({
      name,
      ...schemaOf(word, { isRequired: !word.isOptional && usage.length === 1, isFree: run.includes("--") }),
    });
    run.push(placeOf(name));
  }
  return { params, run: run.at(-1) === "--" ? run.slice(0, -1) : run };
}

/** Without the program itself and without groups that are options. */
function withoutOptions(form: string, count: number): string {
  let rest = form.replace(new RegExp(String.raw`^(?:\S+\s*){${count}}`), " ").replaceAll(/\[\s*--\s*\]/g, " § ");
  for (let before = ""; before !== rest;) {
    before = rest;
    rest = rest
      .replaceAll(/\([^()\w]*\)/g, " ")
      .replaceAll(/\[[^[\]]*(?<![\w>])-{1,2}[\w<][^[\]]*\]|\((?:[^()]*\s)?-{1,2}\w[^()]*\)/g, " ");
  }
  return rest.replaceAll(/(?<=\s)--(?=\s)/g, "§").replaceAll(/(?<=\s)-{1,2}[A-Za-z][\w-]*(?:=\S+)?/g, " ");
}

/** FILE is shouted only to stand out; several of them are files. */
function nameOf({ name, isRepeated }: Word): string {
  const quiet = name === name.toUpperCase() ? name.toLowerCase() : name;
  return isRepeated && /[a-rt-z]$/.test(quiet) ? `${quiet}s` : quiet;
}

const NO_WORD =
  /^(?:(?:global[ _-])?(?:options?|flags?|opts)|(?:sub)?commands?|args?|arguments?|or|and|stdin|stdout)$/i;

function wordsIn(form: string): readonly (Word | "--")[] {
  const found: (Word | "--")[] = [];
  for (const match of form.matchAll(
    /§|<([^<>]{1,60})>|(?<![\w.-])([A-Z][A-Z0-9_-]*)(?![\w])|\[([a-z][\w -]{0,40})\.{0,3}\]/g,
  )) {
    const name = (match[1] ?? match[2] ?? match[3] ?? "").trim();
    const before = form.slice(0, match.index);
    const after = form.slice(match.index + match[0].length);
    if (name === "") {
      if (!found.includes("--")) found.push("--");
    } else if (!NO_WORD.test(name) && !found.some((word) => word !== "--" && word.name === name)) {
      const isOptional =
        match[3] !== undefined ||
        (before.match(/\[/g)?.length ?? 0) > (before.match(/\]/g)?.length ?? 0) ||
        /[|]\s*$/.test(before);
      found.push({ name, isOptional, isRepeated: /^\s*\]?\s*(?:\.\.\.|…)/.test(after) || match[0].includes("..") });
    }
  }
  return found.slice(0, 12);
}

function schemaOf(
  { name, isRepeated }: Word,
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
