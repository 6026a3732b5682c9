import type { StreamName } from "../stores/record.ts";
import type { Content } from "./content.ts";

/** What goes to a model: the pieces, then the text. */
export interface Shown {
  /** Pieces that are more than the words of the program; mostly there are none. */
  readonly content: readonly Content[];
  /** Empty when the pieces say it all. */
  readonly text: string;
  /** The structured result; undefined when there is none. */
  readonly structured: unknown;
  /** Why the output is not what the catalogue promises of it; empty when it is. */
  readonly fault: string;
  /** Whether the model is told of an error, though the command may have completed. */
  readonly isError: boolean;
  /** The streams of which some of what would be shown was left out. */
  readonly cut: readonly StreamName[];
  /** Bytes that came from the program. */
  readonly bytes: number;
}

export const NOT_SHOWN: Shown = {
  content: [],
  text: "",
  structured: undefined,
  fault: "",
  isError: false,
  cut: [],
  bytes: 0,
};
