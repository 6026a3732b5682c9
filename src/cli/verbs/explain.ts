import { openCatalogue } from "../open.ts";
import { EXIT, type Verb } from "../verb.ts";

export const explain: Verb = {
  name: "explain",
  summary: "tell what a model sees of a command, where each parameter lands, and what bounds a call",
  example: "mcpfier explain search_text",
  declare: (parser) => {
    parser.argument("<command>", "the name of the command");
    parser.option("--json", "print it as JSON");
  },
  run: async (context, [name = ""], options) => {
    const catalogue = await openCatalogue(context);
    if (!catalogue) return EXIT.fatal;
    const { explainCommand } = await import("../explain-command.ts");
    // What a client is told is the protocol's business, and brings its library.
    const { toTool } = await import("../../mcp/translate.ts");
    return explainCommand(context, { name, catalogue, isJson: options["json"] === true, toTool });
  },
};
