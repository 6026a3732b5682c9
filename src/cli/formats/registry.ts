import { concise } from "./concise.ts";
import type { Format } from "./format.ts";
import { github } from "./github.ts";
import { json, jsonl } from "./json.ts";
import { sarif } from "./sarif.ts";
import { text } from "./text.ts";

/** The forms of `--format`. */
export const formats: Readonly<Record<string, Format>> = { text, concise, json, jsonl, github, sarif };
