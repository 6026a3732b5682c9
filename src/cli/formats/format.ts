import type { Problem } from "../../base/problem.ts";
import type { Paint } from "../print.ts";

/** Writes problems in one form, with a closing newline unless it is empty. */
export type Format = (problems: readonly Problem[], how: How) => string;

export interface How {
  readonly paint: Paint;
  readonly version: string;
  /** What each rule stands for. */
  readonly rules: Readonly<Record<string, string>>;
}
