import { Option } from "commander";
import { type Problem, isError } from "../../base/problem.ts";
import { formats } from "../formats/registry.ts";
import { load, locate } from "../open.ts";
import { countText, painter, plural } from "../print.ts";
import { EXIT, type Verb } from "../verb.ts";

export const validate: Verb = {
  name: "validate",
  summary: "check catalogues and print every problem with its place",
  example: "mcpfier validate mcpfier.yaml --format github",
  declare: (parser) => {
    parser.argument("[files...]", "catalogues; default: the one that would be served");
    parser.addOption(
      new Option("--format <form>", "how problems are printed").choices(Object.keys(formats)).default("text"),
    );
  },
  run: async (context, words, options) => {
    const files = words.length > 0 ? words : [locate(context)].filter((file) => file !== undefined);
    if (files.length === 0) return EXIT.fatal;
    const problems: Problem[] = [];
    for (const file of files) {
      const loaded = await load(context, file);
      problems.push(...loaded.problems);
      const commands = loaded.catalogue ? `${plural(loaded.catalogue.commands.length, "command")}, ` : "";
      context.stderr.write(`mcpfier: ${file}: ${commands}${countText(loaded.problems)}\n`);
    }
    const how = { paint: painter(context, context.stdout), version: context.version };
    context.stdout.write(formats[String(options["format"])]?.(problems, how) ?? "");
    if (problems.some((problem) => problem.rule === "file-unreadable")) return EXIT.fatal;
    return problems.some(isError) ? EXIT.findings : EXIT.fine;
  },
};
