import type { Problem, Rule } from "../base/problem.ts";
import { type Range, type Source, place } from "./source.ts";

/** Collects the problems of all files of one run. */
export interface Report {
  readonly problems: readonly Problem[];
  error(source: Source, range: Range, rule: Rule, message: string, hint?: string): void;
  warn(source: Source, range: Range, rule: Rule, message: string, hint?: string): void;
}

export function createReport(): Report {
  const problems: Problem[] = [];
  const adding =
    (severity: Problem["severity"]): Report["error"] =>
    (source, range, rule, message, hint = "") => {
      problems.push({ severity, rule, message, hint, file: source.file, ...place(source.text, range) });
    };
  return { problems, error: adding("error"), warn: adding("warning") };
}
