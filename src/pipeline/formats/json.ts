import { readExactly } from "../../base/exact.ts";
import { dataFormat } from "./data.ts";
import type { Parsed } from "./structure.ts";

export const json = dataFormat({ noun: "JSON", parse: (text) => parseJson(text, "the output") });

/** `name` is what a fault calls the text. */
export function parseJson(text: string, name: string): Parsed {
  try {
    const { value, rounded } = readExactly(text);
    if (rounded === undefined) return { value };
    return {
      fault: `${name} holds the number ${rounded}, which would lose digits as data, so that it is shown as text only`,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message.replaceAll("\n", " ") : "unreadable";
    return { fault: `${name} is not JSON (${why})` };
  }
}
