import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Loaded } from "../catalogue/load.ts";
import type { Checked, Watching } from "../catalogue/watch.ts";
import { lazy } from "../base/lazy.ts";
import { log } from "../base/log.ts";
import { isError } from "../base/problem.ts";
import { RELOAD_SIGNAL } from "../base/signals.ts";
import { cacheOf, load } from "./open.ts";
import { plural } from "./print.ts";
import type { Context } from "./verb.ts";

/** A client has its first answers by then; what changed meanwhile is seen all the same. */
const BEGIN_MS = 200;
const MOST_TOLD = 20;

export interface Followed {
  readonly file: string;
  readonly first: Checked;
  /** Serves another catalogue; or says why that cannot be. */
  replace(next: Checked): string | undefined;
}

/**
 * Has a server serve what the files of its catalogue become: when they change, and at SIGHUP. A file that cannot be used is told
 * once, and the last good catalogue stays. The answer ends it.
 */
export function followFiles(context: Context, { file, first, replace }: Followed): () => void {
  const { host, stderr } = context;
  let watching: Watching | undefined;
  let isOver = false;

  const begin = lazy(async () => {
    const { watchCatalogue } = await import("../catalogue/watch.ts");
    if (!isOver)
      watching = watchCatalogue({ first, host, load: () => load(context, file), changed, failed, unchanged });
  });

  function changed(next: Catalogue, loaded: Loaded): void {
    const fault = replace({ catalogue: next, facts: loaded.facts });
    if (fault !== undefined) {
      stderr.write(`mcpfier: ${fault}; the last good catalogue is still served\n`);
      return;
    }
    cacheOf(context).write(file, loaded);
    stderr.write(`mcpfier: the catalogue changed; now ${plural(next.commands.length, "command")}\n`);
  }

  function unchanged(): void {
    stderr.write("mcpfier: the catalogue is as it was\n");
  }

  const reload = (): void => void begin().then(() => watching?.reload(), unfollowed);
  const timer = setTimeout(() => void begin().catch(unfollowed), BEGIN_MS).unref();
  if (RELOAD_SIGNAL !== undefined) process.on(RELOAD_SIGNAL, reload);
  return () => {
    isOver = true;
    clearTimeout(timer);
    watching?.close();
  };
}

function unfollowed(error: unknown): void {
  log.error({ error }, "the files of the catalogue are not followed: the program's own files changed under it");
}

function failed({ problems }: Loaded): void {
  const errors = problems.filter(isError);
  const lines = errors
    .slice(0, MOST_TOLD)
    .map(({ file, line, column, rule, message, hint }) =>
      [`${file}:${line}:${column}: error[${rule}]: ${message}`, hint].filter((part) => part !== "").join("; "),
    );
  log.error(
    { errors: errors.length, problems: lines },
    "the catalogue cannot be used; the last good catalogue is still served",
  );
}
