import { shellLine } from "../../base/shell-line.ts";
import type { Context } from "../verb.ts";

/** A command line of mcpfier for the catalogue that this one was told of. */
export function again({ global }: Context, ...words: readonly string[]): string {
  return shellLine(["mcpfier", ...words, ...(global.config === undefined ? [] : ["--config", global.config])]);
}
