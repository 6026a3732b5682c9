import type { Problem } from "../../base/problem.ts";
import type { Paint } from "../print.ts";

/** Writes problems in one form, with a closing newline unless it is empty. */
export type Format = (problems: readonly Problem[], how: { readonly paint: Paint; readonly version: string }) => string;
