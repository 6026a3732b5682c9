// What the command line asks for.
import { parseArgs } from "node:util";
import type { Row } from "./row.ts";

export const HELP = `npm run bench [-- [options] [part of a row's name...]]

Nothing else should run on the machine meanwhile. Without a name all rows run but the long ones (the soak).

  --write           record what is measured in docs/performance.json, and show it in docs/performance.md; all rows, if none is named
  --resume          leave out what was recorded with the same build
  --minutes NUMBER  how long the soak takes (10)
  --quick           a minute of cheap rows, compared with the record: 1 is returned when one is worse by more than a quarter
  --profile FOLDER  have the servers of the named rows write their .cpuprofile into this folder
  --list            name the rows
  --help            print this
`;

const OPTIONS = {
  write: { type: "boolean" },
  resume: { type: "boolean" },
  minutes: { type: "string" },
  quick: { type: "boolean" },
  profile: { type: "string" },
  list: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** What an option that has a value takes. */
const TAKES = { minutes: "a number above 0", profile: "a folder" } as const;

export interface Asked {
  readonly write: boolean;
  readonly resume: boolean;
  readonly quick: boolean;
  readonly list: boolean;
  readonly help: boolean;
  readonly minutes: number;
  readonly profile: string | undefined;
  /** In the order of `rows`. */
  readonly chosen: readonly Row[];
}

/** What is asked for, or one line that says what was expected. */
export function parse(words: readonly string[], rows: readonly Row[]): Asked | string {
  const { values, positionals, tokens } = parseArgs({
    args: [...words],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: OPTIONS,
  });
  for (const token of tokens) {
    const wrong = token.kind === "option" ? complaintAbout(token) : undefined;
    if (wrong !== undefined) return wrong;
  }
  const { minutes = "10", profile } = values;
  const has = (name: keyof typeof values): boolean => values[name] === true;
  const asked = {
    write: has("write"),
    resume: has("resume"),
    quick: has("quick"),
    list: has("list"),
    help: has("help"),
    minutes: Number(minutes),
    profile: profile === undefined ? undefined : String(profile),
  };
  if (!(asked.minutes > 0 && Number.isFinite(asked.minutes)))
    return `--minutes takes ${TAKES.minutes}, and not '${String(minutes)}'`;
  const absent = positionals.find((name) => called(rows, name).length === 0);
  if (absent !== undefined) return `no row's name has '${absent}' in it: --list names them`;
  return conflict(asked, positionals) ?? { ...asked, chosen: choose(rows, positionals, asked) };
}

interface Option {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function complaintAbout({ name, rawName, value, inlineValue }: Option): string | undefined {
  if (!Object.hasOwn(OPTIONS, name)) {
    const known = Object.keys(OPTIONS).map((each) => `--${each}`);
    return `expected one of ${known.join(", ")}, or a row's name, and not '${rawName}'`;
  }
  if (!isTaking(name)) return value === undefined ? undefined : `${rawName} takes no value, and not '${value}'`;
  const isMissing = value === undefined || value === "" || (!inlineValue && value.startsWith("--"));
  return isMissing ? `${rawName} takes ${TAKES[name]}: put it behind` : undefined;
}

function isTaking(name: string): name is keyof typeof TAKES {
  return Object.hasOwn(TAKES, name);
}

function conflict(
  { quick, write, profile }: Pick<Asked, "quick" | "write" | "profile">,
  names: readonly string[],
): string | undefined {
  if (quick && write) return "--quick measures a few rounds only, for a comparison: it goes without --write";
  if (profile !== undefined && names.length === 0) return "--profile needs the name of a row";
  if (profile !== undefined && write) return "--profile slows the servers down: it goes without --write";
  return undefined;
}

function choose(
  rows: readonly Row[],
  names: readonly string[],
  { quick, write, list }: Pick<Asked, "quick" | "write" | "list">,
): readonly Row[] {
  if (names.length > 0) {
    const found = new Set(names.flatMap((name) => called(rows, name)));
    return rows.filter((row) => found.has(row));
  }
  if (quick) return rows.filter((row) => row.quick);
  return rows.filter(({ long }) => write || list || !long);
}

/** The row of this name, else those whose name has it in it. */
function called(rows: readonly Row[], name: string): readonly Row[] {
  // Every name has it in it: who asks for nothing has not asked for all of them.
  if (name.trim() === "") return [];
  const exact = rows.filter(({ id }) => id === name);
  return exact.length > 0 ? exact : rows.filter(({ id, what }) => id.includes(name) || what.includes(name));
}
