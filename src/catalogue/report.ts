import type { Problem, Rule } from "../base/problem.ts";
import { type Range, type Source, place } from "./source.ts";

/** Collects the problems of all files of one run. */
export interface Report<Id extends string = Rule> {
  readonly problems: readonly Problem[];
  error(source: Source, range: Range, rule: Id, message: string, hint?: string): void;
  warn(source: Source, range: Range, rule: Id, message: string, hint?: string): void;
}

export function createReport<Id extends string = Rule>(): Report<Id> {
  const problems: Problem[] = [];
  const told = new Set<string>();
  const adding =
    (severity: Problem["severity"]): Report<Id>["error"] =>
    (source, range, rule, message, hint = "") => {
      const found = { severity, rule, message, hint, file: source.file, ...place(source.text, range) };
      // What stands under several aliases is one mistake, and so is what several readers find in one place.
      const key = JSON.stringify([found.file, found.line, found.column, rule, message]);
      if (told.has(key)) return;
      told.add(key);
      problems.push(found);
    };
  return { problems, error: adding("error"), warn: adding("warning") };
}
