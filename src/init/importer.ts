import type { Draft } from "./draft.ts";

/** One kind of thing that a catalogue can be made of. */
export interface Importer {
  /** The word before the colon in `--from KIND:PATH`. */
  readonly kind: string;
  /** What it reads, in words. */
  readonly what: string;
  /** Whether a file is of this kind, by its name and what it holds. */
  recognises(file: SourceFile): boolean;
  /** Makes a draft; a reason where nothing can be made of it. */
  read(file: SourceFile, setting: Setting): Promise<Draft | Refused> | Draft | Refused;
}

export interface SourceFile {
  readonly path: string;
  /** Without its folder. */
  readonly name: string;
  /** Its folder, as seen from the one of the catalogue; empty where they are the same. */
  readonly folder: string;
  readonly text: string;
  /** What it holds as JSON or YAML; undefined where it is neither. */
  readonly data: unknown;
  /** Why it is neither; empty where it is one of them. */
  readonly fault: string;
}

export interface Setting {
  /** Words that the command line keeps for itself. */
  readonly reserved: { readonly verbs: readonly string[]; readonly options: readonly string[] };
  /** The PATH in which programs are looked up. */
  readonly path: string;
}

export interface Refused {
  readonly refused: string;
}

export function isRefused(value: object): value is Refused {
  return "refused" in value;
}
