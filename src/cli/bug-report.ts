import { release } from "node:os";
import { createReport } from "../catalogue/report.ts";
import { isUnreadable, readSource } from "../catalogue/source.ts";
import { parseYaml } from "../catalogue/yaml.ts";
import { shapeOfCatalogue } from "./catalogue-shape.ts";
import type { Finding, Found } from "./checks/check.ts";
import type { Context } from "./verb.ts";

/**
 * What helps to understand a defect: versions, what doctor found, where the catalogue has problems, and its structure. It holds no
 * text that somebody wrote, and no path or value of this machine: what may stand in it is listed, not what may not.
 */
export function bugReport(
  { host, version, build }: Context,
  findings: readonly Finding[],
  found: Found | null,
): string {
  const files = found?.loaded.files ?? [];
  const report = {
    mcpfier: version,
    build,
    node: process.versions.node,
    // Whoever builds a kernel may add a name to its version.
    system: `${host.platform} ${host.arch} ${/^[\d.]*/.exec(release())?.[0] ?? ""}`,
    findings: findings.map(({ status, name, text }) => ({ status, name, text: text.plain })),
    problems: (found?.loaded.problems ?? []).map(({ rule, severity, file, line, column }) => ({
      rule,
      severity,
      file: labelOf(file, files),
      line,
      column,
    })),
    catalogue: files.map((file) => ({ file: labelOf(file, files), content: contentOf(file, host.path) })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function labelOf(file: string, files: readonly string[]): string {
  return `file ${files.indexOf(file) + 1}`;
}

function contentOf(file: string, path: string): unknown {
  const source = readSource(file);
  const node = isUnreadable(source) ? undefined : parseYaml(source, createReport());
  return node ? shapeOfCatalogue(node, path) : "not readable";
}
