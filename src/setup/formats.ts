import type { Format, Syntax } from "./format.ts";

/** Each brings its parsers, which no other start needs. */
const FORMATS: Readonly<Record<Syntax, () => Promise<Format>>> = {
  json: async () => (await import("./json/format.ts")).createJson("json"),
  jsonc: async () => (await import("./json/format.ts")).createJson("jsonc"),
  toml: async () => (await import("./toml/format.ts")).createToml(),
  yaml: async () => (await import("./yaml/format.ts")).createYaml(),
};

/** In KiB: of TOML and of YAML what is edited and proven in a second or two, by readers that take 2 and 3 seconds for a MiB. */
export const LARGEST: Readonly<Record<Syntax, number>> = { json: 65_536, jsonc: 65_536, toml: 1024, yaml: 512 };

export function loadFormat(syntax: Syntax): Promise<Format> {
  return FORMATS[syntax]();
}
