import { dataFormat } from "./data.ts";
import type { Parsed } from "./structure.ts";

export const json = dataFormat({ noun: "JSON", parse: (text) => parseJson(text, "the output") });

/** `name` is what a fault calls the text. */
export function parseJson(text: string, name: string): Parsed {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const why = error instanceof Error ? error.message.replaceAll("\n", " ") : "unreadable";
    return { fault: `${name} is not JSON (${why})` };
  }
}
