import { dirname, relative, sep } from "node:path";

/**
 * What tells editors where the schema is: YAML language servers read the first line, the IDEs of JetBrains the second. The path is
 * relative where the schema lies below the catalogue's folder, as in its `node_modules`, so that it holds for others, too.
 */
export function modelines(file: string, schema: string): readonly string[] {
  const way = relative(dirname(file), schema);
  const isBelow = !way.startsWith("..") && way !== schema;
  const path = (isBelow ? `./${way}` : schema).split(sep).join("/");
  return [`# yaml-language-server: $schema=${path}`, `# $schema: ${path}`];
}
