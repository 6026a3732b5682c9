import type { Format } from "./format.ts";

/** A list of objects with actionlint's field names, and `severity` and `hint` besides. */
export const json: Format = (problems) =>
  `${JSON.stringify(
    problems.map(({ message, snippet, rule, severity, hint, file, line, column, endColumn }) => ({
      message,
      snippet,
      kind: rule,
      severity,
      hint,
      filepath: file,
      line,
      column,
      end_column: endColumn - 1,
    })),
    null,
    2,
  )}\n`;
