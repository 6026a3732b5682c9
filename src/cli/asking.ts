import type { Ask } from "../pipeline/question.ts";
import { printable } from "./print.ts";
import type { Context } from "./verb.ts";

/** What allows a call to run that wants to be confirmed. */
export const YES = [
  "--yes",
  "run it without asking, where the catalogue wants it to be confirmed; all that it asks for must be given then",
] as const;

/** Allows everything by `--yes`, asks on a terminal; undefined: nobody can be asked. */
export function askOn(context: Context, isAllowed: boolean): Ask | undefined {
  if (isAllowed) return () => Promise.resolve("accepted");
  const { stdin, stderr } = context;
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  return async ({ text }, signal) => {
    stderr.write(`${text.split("\n").map(printable).join("\n")}\n\n[y/N] `);
    return /^\s*y(?:es)?\s*$/i.test(await lineOf(stdin, signal)) ? "accepted" : "declined";
  };
}

/** Empty when the input ends or the answer is not waited for any longer. */
async function lineOf(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<string> {
  // A server never needs it, and starts without.
  const { createInterface } = await import("node:readline");
  // As a terminal it would take Ctrl-C for itself.
  const lines = createInterface({ input: stdin, terminal: false, signal });
  return new Promise((resolve) => {
    lines.once("line", (line) => {
      resolve(line);
      lines.close();
    });
    lines.once("close", () => resolve(""));
  });
}
