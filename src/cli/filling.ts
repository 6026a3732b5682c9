import type { Choice, Field, Input } from "../command/field.ts";
import type { Fill, Filled } from "../pipeline/form.ts";
import { printable } from "./print.ts";
import type { Context } from "./verb.ts";

/** Asks for the fields of a form on a terminal, one after the other; undefined: there is no terminal. */
export function fillOn({ stdin, stderr }: Context): Fill | undefined {
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  return async ({ text, fields, isAgain }, signal) => {
    stderr.write(`${text.split("\n").map(printable).join("\n")}\n\n`);
    const content: Record<string, unknown> = {};
    // A server never needs it, and starts without.
    const { createInterface } = await import("node:readline");
    // As a terminal it would take Ctrl-C for itself.
    const lines = createInterface({ input: stdin, terminal: false, signal });
    const each = lines[Symbol.asyncIterator]();
    try {
      for (const field of fields) {
        stderr.write(`${printable(promptOf(field))} `);
        const line = await each.next();
        if (line.done === true) return "declined";
        content[field.name] = enteredIn(field, line.value);
      }
    } finally {
      lines.close();
    }
    return { content, isLast: isAgain } satisfies Filled;
  };
}

/** The name, what is expected, and what an empty line stands for. */
function promptOf({ name, description, required, input, preset }: Field): string {
  const blank = preset === null ? (required ? "" : "empty: none") : `empty: ${[preset].flat().join(", ")}`;
  const kind = [kindOf(input), blank].filter((part) => part !== "").join("; ");
  return `${name}${description === "" ? "" : `: ${description}`}${kind === "" ? "" : ` [${kind}]`}:`;
}

function kindOf(input: Input): string {
  if (input.kind === "switch") return "yes or no";
  if (input.kind === "number") return input.isInteger ? "an integer" : "a number";
  if (input.kind === "choice") return `one of ${titlesOf(input.choices)}`;
  return input.kind === "choices" ? `some of ${titlesOf(input.choices)}, with commas between them` : "";
}

function titlesOf(choices: readonly Choice[]): string {
  return choices.map(({ value, title }) => (value === title ? value : `${value} (${title})`)).join(", ");
}

/** What is of another kind stays text: the check of arguments says what is wrong with it. Null: nothing was entered. */
function enteredIn({ input, preset }: Field, line: string): unknown {
  const text = input.kind === "text" ? line : line.trim();
  if (text === "") return preset;
  if (input.kind === "switch") return /^(?:y|yes|true)$/i.test(text) || (/^(?:n|no|false)$/i.test(text) ? false : text);
  if (input.kind === "number") return Number.isFinite(Number(text)) ? Number(text) : text;
  return input.kind === "choices" ? text.split(",").map((each) => each.trim()) : text;
}
