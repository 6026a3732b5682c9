import { readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { faultOf } from "../base/files.ts";
import { didYouMean } from "../base/nearest.ts";
import { type Problem, isError } from "../base/problem.ts";
import { shellLine } from "../base/shell-line.ts";
import { statOf } from "../base/stat.ts";
import { isRefused } from "../init/importer.ts";
import { modelines } from "../init/modelines.ts";
import { placeNew } from "../init/place-new.ts";
import { settle } from "../init/settle.ts";
import { KINDS, draftFrom, importerOf } from "../init/source.ts";
import { readTemplates, schemaPath } from "../init/templates.ts";
import { load } from "./open.ts";
import { frame, painter, plural } from "./print.ts";
import { questionStreams } from "./question-streams.ts";
import { type Context, EXIT } from "./verb.ts";
import { RESERVED } from "./words.ts";

export interface InitOptions {
  readonly template?: string;
  readonly from?: string;
  readonly list?: true;
  readonly json?: true;
  readonly yes?: true;
}

/** A catalogue that is ready to be written. */
interface Made {
  readonly text: string;
  /** What was not brought over. */
  readonly notes: readonly string[];
}

/** Why nothing was made, and the exit code for that. */
interface Failed {
  readonly message: string;
  readonly code: number;
}

/** Writes a first catalogue where none is, or prints it; gives the exit code. */
export async function begin(context: Context, named: string | undefined, options: InitOptions): Promise<number> {
  if (options.list === true) return list(context, options.json === true);
  const isPrinted = named === "-";
  const file = fileOf(context, isPrinted ? undefined : named);
  if (!isPrinted && isThere(file)) return fail(context, isThereAlready(file));
  const chosen =
    options.template === undefined && options.from === undefined ? await choose(context, file, options) : options;
  if (chosen === undefined) return EXIT.interrupted;
  const made =
    chosen.from === undefined
      ? fromTemplate(chosen.template ?? "minimal", file)
      : await fromSource(context, chosen.from, file);
  if ("message" in made) return fail(context, made);
  if (isPrinted) {
    context.stdout.write(made.text);
    tellNotes(context, made.notes);
    return EXIT.fine;
  }
  try {
    await placeNew(file, made.text);
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === "EEXIST";
    return fail(
      context,
      isTaken ? isThereAlready(file) : { message: `${file} could not be written: ${faultOf(error)}`, code: EXIT.fatal },
    );
  }
  return report(context, file, made, options.json === true);
}

function fileOf({ cwd, global }: Context, named: string | undefined): string {
  const path = resolve(cwd, named ?? global.config ?? "mcpfier.yaml");
  return statOf(path)?.isDirectory() === true ? join(path, "mcpfier.yaml") : path;
}

/** A link that leads nowhere is in the way, too; it shows as the file is made. */
function isThere(file: string): boolean {
  return statOf(file) !== undefined;
}

function isThereAlready(file: string): Failed {
  const message = `${file} is there already, and is left as it is; name another file, or \`mcpfier init -\` to print what would be written`;
  return { message, code: EXIT.fatal };
}

function fail({ stderr }: Context, { message, code }: Failed): number {
  stderr.write(`mcpfier: ${message}\n`);
  return code;
}

function fromTemplate(name: string, file: string): Made | Failed {
  const templates = readTemplates();
  const template = templates.find((each) => each.name === name);
  if (template)
    return { text: `${modelines(file, schemaPath()).join("\n")}\n${namedAfter(template.text, file)}`, notes: [] };
  const names = templates.map((each) => each.name);
  return {
    message: `there is no template "${name}"; ${didYouMean(name, names) || `expected one of ${names.join(", ")}`}`,
    code: EXIT.usage,
  };
}

/** Tests of templates name the catalogue itself, as the one file that is surely there. */
function namedAfter(text: string, file: string): string {
  const name = basename(file);
  return /^[\w.-]+$/.test(name) ? text.replaceAll("mcpfier.yaml", name) : text;
}

async function fromSource(context: Context, source: string, file: string): Promise<Made | Failed> {
  const setting = { reserved: RESERVED, path: context.host.path };
  const draft = await draftFrom({ source, cwd: context.cwd, folder: dirname(file) }, setting);
  if (isRefused(draft)) return { message: `nothing was made of ${source}: ${draft.refused}`, code: EXIT.fatal };
  const head = [
    ...modelines(file, schemaPath()),
    `# Made by \`mcpfier init\` of ${source.replaceAll(/[^\P{C}]+/gu, " ")}. Look at what is marked with "review", and take away what a model does not need.`,
  ];
  const place = placeOf(file);
  const check = async (text: string): Promise<readonly Problem[]> =>
    (await load(context, place, { text })).problems.filter(isError);
  const { text, draft: settled, faults } = await settle(draft, head, check);
  if (faults.length > 0 || settled.commands.length === 0)
    return {
      message: `nothing was made of ${source}: ${[...faults.map((fault) => fault.message), ...settled.notes].join("\n  ")}`,
      code: EXIT.fatal,
    };
  return { text, notes: settled.notes };
}

/** As near to a file as there are folders: a catalogue is checked before anything is made. */
function placeOf(file: string): string {
  let folder = dirname(file);
  while (statOf(folder)?.isDirectory() !== true && folder !== dirname(folder)) folder = dirname(folder);
  return join(folder, basename(file));
}

function tellNotes({ stderr }: Context, notes: readonly string[]): void {
  if (notes.length > 0) stderr.write(`mcpfier: not brought over:\n${notes.map((note) => `  ${note}\n`).join("")}`);
}

/** Reads what was written as any other catalogue, says what is wrong with it, and what can be done now. */
async function report(context: Context, file: string, { notes }: Made, isJson: boolean): Promise<number> {
  const { catalogue, problems } = await load(context, file);
  const commands = catalogue?.commands.map(({ name }) => name) ?? [];
  const next = nextSteps(context, file, commands[0]);
  const paint = painter(context, context.stderr);
  for (const problem of problems) context.stderr.write(`${frame(problem, paint)}\n\n`);
  if (isJson) {
    const warnings = problems.map(({ rule, message, line }) => ({ rule, message, line }));
    context.stdout.write(`${JSON.stringify({ file, commands, warnings, notes, next }, null, 2)}\n`);
  } else {
    tellNotes(context, notes);
    context.stdout.write(
      `${file} is written: ${plural(commands.length, "command")}\n\nNext:\n${next.map((line) => `  ${line}\n`).join("")}`,
    );
  }
  return catalogue ? EXIT.fine : EXIT.findings;
}

function nextSteps({ cwd }: Context, file: string, first: string | undefined): readonly string[] {
  const isFound = file === join(cwd, "mcpfier.yaml");
  const config = isFound ? "" : ` ${shellLine(["--config", file])}`;
  return [
    `mcpfier validate${isFound ? "" : config.replace(" --config", "")}`,
    ...(first === undefined ? [] : [`mcpfier run ${first} --help${config}`]),
    `mcpfier setup${config}`,
  ];
}

/** What to begin with: asked on a terminal, else the smallest template. Undefined where the answer was not to begin. */
async function choose(
  { stdin, stderr, host, cwd }: Context,
  file: string,
  { yes, json }: InitOptions,
): Promise<InitOptions | undefined> {
  const isAsking = stdin.isTTY && stderr.isTTY && yes !== true && json !== true && !host.env["CI"];
  if (!isAsking) return { template: "minimal" };
  // Only a terminal needs it.
  const { isCancel, select } = await import("@clack/prompts");
  const found = readdirSync(cwd).filter((name) => importerOf(name) !== undefined);
  const answer = await select<InitOptions>({
    message: `What should ${file} begin with?`,
    options: [
      ...found.map((name) => ({ value: { from: name }, label: name, hint: importerOf(name)?.what ?? "" })),
      ...readTemplates().map(({ name, what }) => ({ value: { template: name }, label: name, hint: what })),
    ],
    ...questionStreams({ stdin, stderr }),
  });
  return isCancel(answer) ? undefined : answer;
}

function list({ stdout }: Context, isJson: boolean): number {
  const templates = readTemplates().map(({ name, what }) => ({ name, what }));
  const sources = KINDS.map(([kind, what]) => ({ kind, what }));
  if (isJson) stdout.write(`${JSON.stringify({ templates, sources }, null, 2)}\n`);
  else {
    const rows = templates.map(({ name, what }) => `  ${name.padEnd(12)}  ${what}\n`);
    const kinds = sources.map(({ kind, what }) => `  ${kind.padEnd(12)}  ${what}\n`);
    stdout.write(
      `Templates, for --template NAME:\n${rows.join("")}\nSources, for --from FILE or --from KIND:FILE:\n${kinds.join("")}`,
    );
  }
  return EXIT.fine;
}
