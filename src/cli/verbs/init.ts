import { Option } from "commander";
import type { Verb } from "../verb.ts";

export const init: Verb = {
  name: "init",
  summary: "write a first catalogue, from a template or from what is there: a justfile, a Makefile, an API, a program",
  example: "mcpfier init --from package.json",
  declare: (parser) => {
    parser.argument(
      "[file]",
      "the catalogue to write, which must not be there yet; `-` prints it; default: mcpfier.yaml",
    );
    parser.option("--template <name>", "begin with this template; `--list` shows them");
    parser.addOption(
      new Option("--from <source>", "make it of a file, `KIND:FILE`, or a program's help (`help:git`)").conflicts(
        "template",
      ),
    );
    parser.option("--list", "show the templates, and what --from takes");
    parser.option("--json", "print what was done as JSON");
    parser.option("--yes", "do not ask");
  },
  // It brings the reader of catalogues and the importers.
  run: async (context, [file], options) => (await import("../beginning.ts")).begin(context, file, options),
};
