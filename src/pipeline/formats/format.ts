import type { Output } from "../../command/command.ts";
import type { Capture } from "../capture.ts";
import type { Cleaner } from "../cleaner.ts";
import type { Content } from "../content.ts";
import type { Excerpt } from "../excerpt.ts";

/** One way of reading what a command printed when it completed. */
export interface Format {
  /** Whether stdout is bytes for another sense than reading, which are never shown as text. */
  readonly isBinary: boolean;
  read(printed: Printed): Result | Promise<Result>;
}

export interface Printed {
  readonly stdout: Capture;
  readonly output: Output;
  readonly clean: Cleaner;
  /** How to see what is left out of it. */
  readonly hint: string;
  /** The address of the whole stdout. */
  readonly uri: string;
  /** Whether it can be read there. */
  readonly isRecorded: boolean;
}

export interface Result {
  readonly content: readonly Content[];
  /** What is shown of stdout as text; its bytes and its cut count for the content too. */
  readonly excerpt: Excerpt;
  readonly structured: unknown;
  /** Why it is not what the catalogue promises; empty when it is. */
  readonly fault: string;
  /** Whether that, or the command itself, makes it an error for the model. */
  readonly isError: boolean;
}
