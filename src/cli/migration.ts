import { isDeepStrictEqual } from "node:util";
import { faultOf } from "../base/files.ts";
import { type Problem, isError } from "../base/problem.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { migrate } from "../catalogue/migrate.ts";
import { type Source, isUnreadable, readSource } from "../catalogue/source.ts";
import { createWorld } from "../catalogue/world.ts";
import { complain, load, locate } from "./open.ts";
import { frame, painter } from "./print.ts";
import { replaceFile } from "./replace-file.ts";
import { type Context, EXIT } from "./verb.ts";

/** Migrates a file, or with `check` only tells whether there is something to migrate; gives the exit code. */
export async function migrateFile(
  context: Context,
  named: string | undefined,
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const file = named ?? locate(context);
  if (file === undefined) return EXIT.fatal;
  const loaded = await load(context, file);
  if (!loaded.catalogue) {
    complain(context, loaded);
    return EXIT.fatal;
  }
  const source = readSource(file);
  if (isUnreadable(source)) return refuse(context, source.message);
  const text = await migrated(context, source, loaded.catalogue);
  if (text === undefined) return EXIT.fatal;
  const isSame = text === source.text;
  if (options["check"] === true) {
    context.stderr.write(`mcpfier: ${file}: ${isSame ? "nothing to migrate" : "can be migrated"}\n`);
    return isSame ? EXIT.fine : EXIT.findings;
  }
  if (options["write"] !== true) context.stdout.write(text);
  if (isSame) context.stderr.write(`mcpfier: ${file}: nothing to migrate\n`);
  return isSame || options["write"] !== true ? EXIT.fine : write(context, source, text);
}

/** Today's spelling of a file; undefined, and the reason on stderr, where it would not mean the same. */
async function migrated(context: Context, source: Source, before: Catalogue): Promise<string | undefined> {
  const found = migrate(source, createWorld(context.host));
  if ("problems" in found) {
    tell(context, found.problems);
    const where = found.text === source.text ? "" : "; the line above is of the text on the way";
    return void refuse(context, `a part of it could not be rewritten${where}`);
  }
  if (found.text === source.text) return found.text;
  const { catalogue: after, problems } = await load(context, source.file, { text: found.text });
  if (!after) {
    tell(context, problems.filter(isError).slice(0, 1));
    return void refuse(context, "rewritten, it would not load; the line above is of the rewritten text");
  }
  const differing = difference(before, after);
  if (differing !== undefined) return void refuse(context, `rewritten, ${differing} would not be the same`);
  tell(context, found.warnings);
  return found.text;
}

function tell(context: Context, problems: readonly Problem[]): void {
  const paint = painter(context, context.stderr);
  for (const problem of problems) context.stderr.write(`${frame(problem, paint)}\n\n`);
}

/** What two catalogues do not share, but for the lines that things stand in; undefined when they are the same. */
function difference(before: Catalogue, after: Catalogue): string | undefined {
  const [one, other] = [before, after].map(({ commands, ...rest }) => ({
    rest,
    commands: commands.map(({ tests, ...command }) => ({
      ...command,
      tests: tests.map((test) => ({ ...test, line: 0 })),
    })),
  }));
  const index = one?.commands.findIndex((command, at) => !isDeepStrictEqual(command, other?.commands[at])) ?? -1;
  if (index >= 0) return `the command "${one?.commands[index]?.name ?? ""}"`;
  return isDeepStrictEqual(one, other) ? undefined : "the catalogue";
}

async function write(context: Context, source: Source, text: string): Promise<number> {
  try {
    const backup = await replaceFile(source, text);
    context.stderr.write(`mcpfier: ${source.file} is written; as it was, it is in ${backup}\n`);
    return EXIT.fine;
  } catch (error) {
    return refuse(context, `it could not be written: ${faultOf(error)}`);
  }
}

function refuse({ stderr }: Context, why: string): number {
  stderr.write(`mcpfier: the file is left as it is: ${why}\n`);
  return EXIT.fatal;
}
