import type { StreamName } from "../stores/record.ts";

/** What goes to a model. */
export interface Shown {
  readonly text: string;
  /** The parsed output of `format: json`; undefined when there is none. */
  readonly structured: unknown;
  /** Why the output is not what the catalogue promises of it; empty when it is. */
  readonly fault: string;
  /** The streams that are not shown as a whole. */
  readonly cut: readonly StreamName[];
  /** Bytes of the text that came from the program. */
  readonly bytes: number;
}

export const NOT_SHOWN: Shown = { text: "", structured: undefined, fault: "", cut: [], bytes: 0 };
