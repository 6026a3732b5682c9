// The licence texts of what the bundle is made of.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Some packages come without the text of their licence: it is taken from here, by the name that SPDX has for it. */
const TEXTS = "scripts/licences";

/** Those of all packages that these modules are from, and others (files in `scripts/licences`), one after the other. */
export function licencesOf(modules: readonly string[], others: readonly string[]): string {
  const folders = new Set(
    modules.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []),
  );
  const texts = others.map((name) => readFileSync(join(TEXTS, name), "utf8"));
  return [...[...folders].toSorted().map(licenceOf), ...texts].join(`\n${"-".repeat(80)}\n\n`);
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

function licenceOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const own = readdirSync(folder, { withFileTypes: true }).filter(
    (each) => each.isFile() && /^(?:licen[cs]e|copying|notice)/i.test(each.name),
  );
  const texts = own.length > 0 ? own.map(({ name }) => join(folder, name)) : textsFor(manifest);
  const written = texts.map((file) => readFileSync(file, "utf8").trim());
  return `${[`${manifest.name} ${manifest.version}`, ...written].join("\n\n")}\n`;
}

function textsFor({ name, license }: Manifest): readonly string[] {
  const texts = (license.match(/[\w.+-]+/g) ?? []).filter((word) => word !== "AND").map((id) => `${TEXTS}/${id}.txt`);
  const missing = texts.find((file) => !existsSync(file));
  if (missing !== undefined)
    throw new Error(`${name} (${license}) comes without the text of its licence: write it to ${missing}`);
  return texts;
}
