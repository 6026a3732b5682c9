import { pathToFileURL } from "node:url";
import type { Format } from "./format.ts";

/** SARIF 2.1.0 (OASIS), one run. */
export const sarif: Format = (problems, { version, rules: meanings }) => {
  const rules = [...new Set(problems.map((problem) => problem.rule))].map((id) => ({
    id,
    shortDescription: { text: meanings[id] ?? id },
  }));
  const results = problems.map(({ rule, severity, message, hint, file, line, column, endColumn }) => ({
    ruleId: rule,
    ruleIndex: rules.findIndex((each) => each.id === rule),
    level: severity,
    message: { text: hint === "" ? message : `${message}: ${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uri(file) },
          region: { startLine: line, startColumn: column, endColumn },
        },
      },
    ],
  }));
  const driver = { name: "mcpfier", version, rules };
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver }, columnKind: "utf16CodeUnits", results }],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
};

function uri(file: string): string {
  return file.startsWith("/") ? pathToFileURL(file).href : encodeURI(file);
}
