import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Template {
  readonly name: string;
  /** What it is, in a line. */
  readonly what: string;
  /** Without the lines for editors. */
  readonly text: string;
}

/** The templates of this package, by name. */
export function readTemplates(): readonly Template[] {
  const folder = join(packageFolder(), "templates");
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  return files
    .toSorted()
    .map((file) => templateOf(file.slice(0, -".yaml".length), readFileSync(join(folder, file), "utf8")));
}

function templateOf(name: string, whole: string): Template {
  const text = whole.replace(/^(?:# (?:yaml-language-server: \$schema=|\$schema: ).*\n)+/, "");
  return { name, what: /^# (.*)$/m.exec(text)?.[1] ?? "", text };
}

/** The schema of catalogues, as it lies in this package. */
export function schemaPath(): string {
  return join(packageFolder(), "schemas", "mcpfier.schema.json");
}

/** The bundle lies one folder below it, the source two. */
function packageFolder(): string {
  const above = dirname(import.meta.dirname);
  return readdirSync(above).includes("templates") ? above : dirname(above);
}
