import type { Problem } from "../../base/problem.ts";
import type { Format } from "./format.ts";

/** A list of objects with actionlint's field names, and `severity` and `hint` besides. */
export const json: Format = (problems) => `${JSON.stringify(problems.map(fieldsOf), null, 2)}\n`;

/** The same objects, one on each line. */
export const jsonl: Format = (problems) => problems.map((problem) => `${JSON.stringify(fieldsOf(problem))}\n`).join("");

function fieldsOf({ message, snippet, rule, severity, hint, file, line, column, endColumn }: Problem): object {
  return {
    message,
    snippet,
    kind: rule,
    severity,
    hint,
    filepath: file,
    line,
    column,
    end_column: endColumn - 1,
  };
}
