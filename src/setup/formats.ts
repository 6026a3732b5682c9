import type { Format, Syntax } from "./format.ts";

/** Each brings its parsers, which no other start needs. */
const FORMATS: Readonly<Record<Syntax, () => Promise<Format>>> = {
  json: async () => (await import("./json/format.ts")).createJson("json"),
  jsonc: async () => (await import("./json/format.ts")).createJson("jsonc"),
  toml: async () => (await import("./toml/format.ts")).createToml(),
  yaml: async () => (await import("./yaml/format.ts")).createYaml(),
};

/** In KiB: of TOML and of YAML what is edited and proven in a few seconds, by readers that take several for a MiB. */
export const LARGEST: Readonly<Record<Syntax, number>> = { json: 65_536, jsonc: 65_536, toml: 512, yaml: 512 };

/** In KiB: how much larger a file may have become since then, so that what was put into it comes out again. */
export const LEEWAY = 64;

export function tooLarge(syntax: Syntax): string {
  return `larger than ${LARGEST[syntax]} KiB, and to edit it and to prove that takes too long`;
}

export function loadFormat(syntax: Syntax): Promise<Format> {
  return FORMATS[syntax]();
}
