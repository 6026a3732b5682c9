import { readFile, stat } from "node:fs/promises";
import { basename, dirname, relative, resolve } from "node:path";
import { faultOf } from "../base/files.ts";
import { didYouMean } from "../base/nearest.ts";
import { dataOf } from "./data.ts";
import type { Draft } from "./draft.ts";
import { draftOfHelp } from "./help.ts";
import { type Importer, type Refused, type Setting, type SourceFile, isRefused } from "./importer.ts";
import { importers } from "./registry.ts";

const LARGEST = 16 * 1024 * 1024;

export interface Wish {
  /** What stands behind `--from`. */
  readonly source: string;
  /** What a relative path is relative to. */
  readonly cwd: string;
  /** The folder of the catalogue that is made. */
  readonly folder: string;
}

/** Everything that `--from` takes, in words. */
export const KINDS: readonly (readonly [kind: string, what: string])[] = [
  ...importers.map(({ kind, what }) => [kind, what] as const),
  ["help", 'the command line of a program, from its own `--help`: `help:git`, or `"git --help"`'],
];

/** A draft made of a file, or of a program's help; the reason where there is none. */
export async function draftFrom({ source, cwd, folder }: Wish, setting: Setting): Promise<Draft | Refused> {
  const words = wordsOfHelp(source);
  if (words) return draftOfHelp(words, setting);
  const [, kind = "", rest = ""] = /^([a-z.-]{2,}):(.+)$/s.exec(source) ?? [];
  const wanted = importers.find((each) => each.kind === kind);
  const file = await readFileAt(resolve(cwd, wanted ? rest : source), folder);
  if (isRefused(file)) return wanted || kind === "" ? file : { refused: `${file.refused}; ${strangeKind(kind)}` };
  const importer = wanted ?? importers.find((each) => each.recognises(file));
  if (!importer)
    return {
      refused: `${source} is of no kind that is known${/\.(?:json|ya?ml)$/i.test(file.name) && file.fault !== "" ? ` (${file.fault})` : ""}; say which by \`--from KIND:${source}\`, one of ${kindNames()}`,
    };
  return importer.read(file, setting);
}

/** The files of a folder that a catalogue could be made of. */
export function importerOf(name: string): Importer | undefined {
  return importers.find((each) =>
    each.recognises({ path: name, name, folder: "", text: "", data: undefined, fault: "" }),
  );
}

function wordsOfHelp(source: string): readonly string[] | undefined {
  const rest = /^help:(.*)$/s.exec(source)?.[1] ?? /^(.*\S)\s+(?:--help|-h)\s*$/s.exec(source)?.[1];
  return rest?.split(/\s+/).filter((word) => word !== "" && word !== "--help" && word !== "-h");
}

function kindNames(): string {
  return KINDS.map(([kind]) => kind).join(", ");
}

function strangeKind(kind: string): string {
  const known = KINDS.map(([each]) => each);
  return `"${kind}" is no kind: ${didYouMean(kind, known) || `expected one of ${kindNames()}`}`;
}

async function readFileAt(path: string, folder: string): Promise<SourceFile | Refused> {
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) return { refused: `${path} is a folder; name a file in it` };
    if (!facts.isFile()) return { refused: `${path} is not a regular file` };
    if (facts.size > LARGEST) return { refused: `${path} is larger than 16 MiB` };
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
    const { value, fault } = dataOf(text);
    return {
      path,
      name: basename(path),
      folder: relative(folder, dirname(path)).replaceAll("\\", "/"),
      text,
      data: value,
      fault,
    };
  } catch (error) {
    const why = error instanceof TypeError ? "it is not UTF-8" : faultOf(error);
    return { refused: `cannot read ${path}: ${why}` };
  }
}
