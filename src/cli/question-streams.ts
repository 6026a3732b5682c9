import type { Context } from "./verb.ts";

/** Where questions are asked: stdout is for what was done. */
export function questionStreams({ stdin, stderr }: Pick<Context, "stdin" | "stderr">): {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
} {
  // A terminal that does not know its width says 0, and a question would be broken after each letter.
  if (stderr.columns === 0) stderr.columns = USUAL_COLUMNS;
  return { input: stdin, output: stderr };
}

const USUAL_COLUMNS = 80;
