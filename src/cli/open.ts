import { hideInLog } from "../base/log.ts";
import { isError } from "../base/problem.ts";
import { spareMemory } from "../base/spare-memory.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { discover } from "../catalogue/discover.ts";
import { type CatalogueCache, type Opened, createCache } from "../catalogue/cache.ts";
import type { LoadOptions, Loaded } from "../catalogue/load.ts";
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

/** What is read beside what the file says. */
export interface LoadMore {
  /** Instead of what the file holds. */
  readonly text?: string;
  /** The workspace, where the catalogue leaves it to the client. */
  readonly root?: string | undefined;
}

/** Reads and checks a catalogue. */
export async function load(context: Context, file: string, more: LoadMore = {}): Promise<Loaded> {
  // Only where it is needed: an unchanged catalogue comes from the cache.
  const { loadCatalogue } = await import("../catalogue/load.ts");
  const loaded = await loadCatalogue(file, { ...loadOptions(context), ...more });
  spareMemory();
  return loaded;
}

/** The same, with the advice of `mcpfier lint`. */
export async function loadWithAdvice(context: Context, file: string): Promise<Loaded> {
  const { lintCatalogue } = await import("../catalogue/lint.ts");
  return lintCatalogue(file, loadOptions(context));
}

function loadOptions({ host, global }: Context): LoadOptions {
  return { host, workspace: global.workspace, reserved: RESERVED };
}

/** The catalogue to use; undefined, and its errors on stderr, when it cannot be used. The command line is a client: its folder counts. */
export async function openCatalogue(context: Context): Promise<Catalogue | undefined> {
  const file = locate(context);
  const found = file === undefined ? undefined : await openFile(context, file);
  if (file === undefined || found?.catalogue.workspace.takesRoots !== true) return found?.catalogue;
  return (await openFile(context, file, context.cwd))?.catalogue;
}

/** The same for a file that was located; `root` is the workspace where the catalogue leaves it to the client. */
export async function openFile(context: Context, file: string, root?: string): Promise<Opened | undefined> {
  const cache = cacheOf(context, root);
  const known = cache.read(file);
  if (known) return known;
  const loaded = await load(context, file, { root });
  const catalogue = cache.write(file, loaded);
  if (catalogue) return { catalogue, facts: loaded.facts };
  complain(context, loaded);
  return undefined;
}

export function cacheOf({ host, build, global }: Context, root?: string): CatalogueCache {
  return createCache(host, build, { workspace: global.workspace, root });
}

export async function openEngine(context: Context): Promise<Engine | undefined> {
  const catalogue = await openCatalogue(context);
  if (!catalogue) return undefined;
  hideInLog(() => catalogue.secrets);
  return createEngine(catalogue, context.host, { analytics: "here" });
}

/** The errors of a catalogue on stderr. */
export function complain(context: Context, { problems }: Loaded): void {
  const paint = painter(context, context.stderr);
  const errors = problems.filter(isError);
  for (const problem of errors) context.stderr.write(`${frame(problem, paint)}\n\n`);
  context.stderr.write(`mcpfier: the catalogue cannot be used: ${countText(errors)}\n`);
}
