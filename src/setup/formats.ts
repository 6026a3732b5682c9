import type { Format, Syntax } from "./format.ts";

/** Each brings its parsers, which no other start needs. */
const FORMATS: Readonly<Record<Syntax, () => Promise<Format>>> = {
  json: async () => (await import("./json/format.ts")).createJson("json"),
  jsonc: async () => (await import("./json/format.ts")).createJson("jsonc"),
  toml: async () => (await import("./toml/format.ts")).createToml(),
  yaml: async () => (await import("./yaml/format.ts")).createYaml(),
};

export function loadFormat(syntax: Syntax): Promise<Format> {
  return FORMATS[syntax]();
}
