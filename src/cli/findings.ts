import { type Command as Parser, Option } from "commander";
import { type Problem, RULES } from "../base/problem.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Loaded } from "../catalogue/load.ts";
import { formats } from "./formats/registry.ts";
import { locate } from "./open.ts";
import { countText, painter, plural } from "./print.ts";
import { type Context, EXIT } from "./verb.ts";

/** The files and options of a verb that prints problems of catalogues. */
export function declareFindings(parser: Parser, threshold: Problem["severity"]): void {
  parser.argument("[files...]", "catalogues; default: the one that would be served");
  parser.addOption(
    new Option("--format <form>", "how problems are printed").choices(Object.keys(formats)).default("text"),
  );
  parser.addOption(
    new Option("--failure-threshold <severity>", "the mildest problem that makes the exit code 1")
      .choices(["error", "warning"])
      .default(threshold),
  );
}

/** What was read of one file, and what else is said of it on stderr. */
export type Findings = Loaded & { readonly tellMore?: () => Promise<void> };

/** Prints what is found in each file, and answers with the exit code; `rules` are those besides the validator's. */
export async function tellFindings(
  context: Context,
  words: readonly string[],
  options: Readonly<Record<string, unknown>>,
  read: (file: string) => Promise<Findings>,
  rules: Readonly<Record<string, string>> = {},
): Promise<number> {
  const files = words.length > 0 ? words : [locate(context)].filter((file) => file !== undefined);
  if (files.length === 0) return EXIT.fatal;
  const problems: Problem[] = [];
  for (const file of files) {
    const found = await read(file);
    problems.push(...found.problems);
    context.stderr.write(`mcpfier: ${file}: ${held(found.catalogue)}${countText(found.problems)}\n`);
    await found.tellMore?.();
  }
  const how = { paint: painter(context, context.stdout), version: context.version, rules: { ...RULES, ...rules } };
  context.stdout.write(formats[String(options["format"])]?.(problems, how) ?? "");
  if (problems.some((problem) => problem.rule === "file-unreadable")) return EXIT.fatal;
  const counts = options["failureThreshold"] === "warning" ? ["error", "warning"] : ["error"];
  return problems.some(({ severity }) => counts.includes(severity)) ? EXIT.findings : EXIT.fine;
}

function held(catalogue: Catalogue | null): string {
  if (!catalogue) return "";
  const { commands, resources, prompts } = catalogue;
  const counts = [plural(commands.length, "command")];
  if (resources.length > 0) counts.push(plural(resources.length, "resource"));
  if (prompts.length > 0) counts.push(plural(prompts.length, "prompt"));
  return `${counts.join(", ")}, `;
}
