import { printable } from "../print.ts";
import type { Format } from "./format.ts";

/** `file:line:column: severity: message [rule]`, for problem matchers and editors. */
export const concise: Format = (problems) =>
  problems
    .map(
      ({ file, line, column, severity, message, rule }) =>
        `${file}:${line}:${column}: ${severity}: ${printable(message)} [${rule}]\n`,
    )
    .join("");
