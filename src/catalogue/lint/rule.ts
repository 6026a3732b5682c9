import type { Reading } from "../load.ts";
import type { Read } from "../needs.ts";
import type { Range, Source } from "../source.ts";

/** One thing that `mcpfier lint` advises. */
export interface LintRule {
  readonly id: string;
  /** What it is about, for the documentation. */
  readonly meaning: string;
  /** Why it matters and what to do, for the documentation. */
  readonly reason: string;
  /** `problems` of the reading are those of the rules before it, too. */
  readonly check: (reading: Reading) => readonly Advice[];
}

export interface Advice {
  readonly source: Source;
  readonly range: Range;
  readonly message: string;
  readonly hint: string;
}

/** Looks at each command that has no errors. */
export function eachCommand(
  look: (read: Read, reading: Reading) => readonly Omit<Advice, "source">[],
): LintRule["check"] {
  return (reading) =>
    reading.read.flatMap((read) => {
      const { draft } = read;
      if (!draft.isSound()) return [];
      return look(read, reading).map(({ range, message, hint }) => ({ source: draft.source, range, message, hint }));
    });
}
