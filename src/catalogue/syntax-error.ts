import { YAMLException } from "js-yaml";

/** What the parser says of a text that is not YAML, with a hint for the mistakes that are made most. */
export function syntaxError(text: string, error: unknown): { at: number; message: string; hint: string } {
  if (!(error instanceof YAMLException))
    return { at: 0, message: error instanceof Error ? error.message : String(error), hint: "" };
  const at = Math.min(error.mark?.position ?? 0, Math.max(0, text.length - 1));
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const [line = ""] = /.*/.exec(text.slice(start)) ?? [];
  const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
  if (indent.includes("\t"))
    return {
      at: start + indent.indexOf("\t"),
      message: "a tab in the indentation",
      hint: "YAML is indented with spaces",
    };
  return { at, message: `not YAML: ${error.reason}`, hint: hintFor(line, at - start) };
}

function hintFor(line: string, column: number): string {
  for (const { 0: place, index } of line.matchAll(/\$\{\{[^}]*\}\}/g))
    if (index <= column && column < index + place.length) return `write it in quotes: "${place}"`;
  const isInText = /^:(?:\s|$)/.test(line.slice(column)) && /:\s+[^\s"'{[|>&*!].*$/.test(line.slice(0, column));
  return isInText ? 'write text that holds ": " in quotes' : "";
}
