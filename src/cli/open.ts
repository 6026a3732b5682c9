import { isError } from "../base/problem.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { discover } from "../catalogue/discover.ts";
import { createCache } from "../catalogue/cache.ts";
import type { LoadOptions, Loaded } from "../catalogue/load.ts";
import type { Checked } from "../catalogue/watch.ts";
import { type Engine, createEngine } from "../engine.ts";
import { countText, frame, painter } from "./print.ts";
import type { Context } from "./verb.ts";
import { RESERVED } from "./words.ts";

/** The path of the catalogue to use, said on stderr; undefined, and a message, when there is none. */
export function locate(context: Context): string | undefined {
  const found = discover(context.global.config, context.host, context.cwd);
  if ("file" in found) {
    context.stderr.write(`mcpfier: catalogue ${found.file} (${found.by})\n`);
    return found.file;
  }
  context.stderr.write(
    `mcpfier: no catalogue found; looked for ${found.tried.join(", ")}; name one with --config FILE\n`,
  );
  return undefined;
}

/** Reads and checks a catalogue; `text` instead of what the file holds. */
export async function load(context: Context, file: string, text?: string): Promise<Loaded> {
  // Only where it is needed: an unchanged catalogue comes from the cache.
  const { loadCatalogue } = await import("../catalogue/load.ts");
  return loadCatalogue(file, { ...loadOptions(context), text });
}

/** The same, with the advice of `mcpfier lint`. */
export async function loadWithAdvice(context: Context, file: string): Promise<Loaded> {
  const { lintCatalogue } = await import("../catalogue/lint.ts");
  return lintCatalogue(file, loadOptions(context));
}

function loadOptions({ host, global }: Context): LoadOptions {
  return { host, workspace: global.workspace, reserved: RESERVED };
}

/** The catalogue to use; undefined, and its errors on stderr, when it cannot be used. */
export async function openCatalogue(context: Context): Promise<Catalogue | undefined> {
  const file = locate(context);
  return file === undefined ? undefined : (await openFile(context, file))?.catalogue;
}

/** The same for a file that was located. */
export async function openFile(context: Context, file: string): Promise<Checked | undefined> {
  const cache = createCache(context.host, context.build, context.global.workspace);
  const known = cache.read(file);
  if (known) return known;
  const loaded = await load(context, file);
  cache.write(file, loaded);
  const { catalogue, facts } = loaded;
  if (catalogue) return { catalogue, facts };
  complain(context, loaded);
  return undefined;
}

export async function openEngine(context: Context): Promise<Engine | undefined> {
  const catalogue = await openCatalogue(context);
  return catalogue && createEngine(catalogue, context.host, { analytics: "here" });
}

/** The errors of a catalogue on stderr. */
export function complain(context: Context, { problems }: Loaded): void {
  const paint = painter(context, context.stderr);
  const errors = problems.filter(isError);
  for (const problem of errors) context.stderr.write(`${frame(problem, paint)}\n\n`);
  context.stderr.write(`mcpfier: the catalogue cannot be used: ${countText(errors)}\n`);
}
