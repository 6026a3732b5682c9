import { dataFormat } from "./data.ts";
import { parseJson } from "./json.ts";
import type { Parsed } from "./structure.ts";

/** One JSON value on each line; the result is the list of them. */
export const jsonl = dataFormat({ noun: "JSON Lines", parse: parseLines });

function parseLines(text: string): Parsed {
  const values: unknown[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const parsed = parseJson(line, `line ${index + 1} of the output`);
    if ("fault" in parsed) return parsed;
    values.push(parsed.value);
  }
  return { value: values };
}
