import { styleText } from "node:util";
import type { Problem } from "../base/problem.ts";
import type { Context } from "./verb.ts";

export type Style = "red" | "yellow" | "green" | "bold" | "dim";
export type Paint = (style: Style, text: string) => string;

/** Colours text where the stream and NO_COLOR, FORCE_COLOR and `--color` allow it. */
export function painter(context: Context, stream: NodeJS.WriteStream): Paint {
  const { color } = context.global;
  if (color === "never") return (_style, text) => text;
  return (style, text) =>
    color === "always" ? styleText(style, text, { validateStream: false }) : styleText(style, text, { stream });
}

/** How wide a stream's terminal is; null: it is none. */
export function columnsOf(stream: NodeJS.WriteStream): number | null {
  return stream.isTTY ? stream.columns || 80 : null;
}

/** One problem as people read it: place, rule, message, the line with a caret, and what to do. */
export function frame(problem: Problem, paint: Paint): string {
  const { line, column, endColumn, severity, rule } = problem;
  const [file, message, hint] = [problem.file, problem.message, problem.hint].map(printable) as [
    string,
    string,
    string,
  ];
  const snippet = printable(problem.snippet);
  const head = `${paint("bold", `${file}:${line}:${column}:`)} ${paint(severity === "error" ? "red" : "yellow", `${severity}[${rule}]`)}: ${message}`;
  if (snippet.trim() === "") return hint === "" ? head : `${head}\n  ${hint}`;
  const gutter = String(line).padStart(5);
  const { text, before, marked } = window(snippet, column - 1, endColumn - 1);
  const mark = `${" ".repeat(gutter.length)} | ${" ".repeat(before)}${paint("red", "^".repeat(marked))}${hint === "" ? "" : ` ${hint}`}`;
  return `${head}\n${paint("dim", `${gutter} |`)} ${text}\n${mark}`;
}

/** A catalogue may hold anything; what would steer a terminal is shown as one column that does not. */
export function printable(text: string): string {
  return text.replaceAll(/[\t\n\r]/g, " ").replaceAll(/\p{Cc}/gu, "\uFFFD");
}

const WIDEST = 160;

/** The part of a long line around the mark. */
function window(snippet: string, start: number, end: number): { text: string; before: number; marked: number } {
  const from = snippet.length > WIDEST ? Math.max(0, start - 40) : 0;
  const text = snippet.slice(from, from + WIDEST);
  const before = Math.min(start - from, text.length);
  return { text, before, marked: Math.max(1, Math.min(end - start, text.length - before)) };
}

/** `2 errors, 1 warning`. */
export function countText(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const warnings = problems.length - errors;
  return (
    [plural(errors, "error"), plural(warnings, "warning")].filter((text) => !text.startsWith("0 ")).join(", ") ||
    "no problems"
  );
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
