import type { Problem } from "../base/problem.ts";
import { lintRules } from "./lint/registry.ts";
import { type LoadOptions, type Loaded, type Reading, loadCatalogue } from "./load.ts";
import { createReport } from "./report.ts";

/** Reads and checks a catalogue, and adds advice on what is valid and could be better. */
export function lintCatalogue(file: string, options: LoadOptions): Promise<Loaded> {
  return loadCatalogue(file, { ...options, look: advise });
}

function advise(reading: Reading): readonly Problem[] {
  const report = createReport<string>();
  for (const { id, check } of lintRules) {
    const problems = [...reading.problems, ...report.problems];
    for (const { source, range, message, hint } of check({ ...reading, problems }))
      report.warn(source, range, id, message, hint);
  }
  return report.problems;
}
