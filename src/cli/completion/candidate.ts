import type { Option } from "commander";

/** Something that the word under the cursor may become. */
export interface Candidate {
  readonly value: string;
  readonly meaning: string;
}

/** What the shell completes by itself. */
export type Own = "files" | "folders";

/** What may stand at the cursor. */
export interface Offer {
  readonly candidates: readonly Candidate[];
  readonly own: Own | null;
}

export const NOTHING: Offer = { candidates: [], own: null };

export function offer(candidates: readonly Candidate[]): Offer {
  return { candidates, own: null };
}

/** Values that need no words. */
export function offerValues(values: readonly unknown[]): Offer {
  return offer(values.map((value) => ({ value: String(value), meaning: "" })));
}

export function optionCandidates(options: readonly Option[]): readonly Candidate[] {
  return options.flatMap(({ long, description, hidden }) =>
    long === undefined || long === null || hidden ? [] : [{ value: long, meaning: description }],
  );
}
