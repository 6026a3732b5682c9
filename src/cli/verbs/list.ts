import { openCatalogue } from "../open.ts";
import { EXIT, type Verb } from "../verb.ts";

export const list: Verb = {
  name: "list",
  summary: "list the commands of the catalogue",
  example: "mcpfier list --json",
  declare: (parser) => {
    parser.option("--json", "print names, descriptions, effects and parameter schemas as JSON");
  },
  run: async (context, _words, options) => {
    const catalogue = await openCatalogue(context);
    if (!catalogue) return EXIT.fatal;
    const { commands } = catalogue;
    if (options["json"] === true) {
      const tools = commands.map(({ name, title, description, effect, inputSchema }) => ({
        name,
        title,
        description,
        effect,
        inputSchema,
      }));
      context.stdout.write(`${JSON.stringify(tools, null, 2)}\n`);
      return EXIT.fine;
    }
    const width = Math.max(0, ...commands.map((command) => command.name.length));
    for (const { name, effect, description } of commands) {
      context.stdout.write(`${name.padEnd(width)}  ${effect.padEnd(11)}  ${description.split("\n")[0] ?? ""}\n`);
    }
    return EXIT.fine;
  },
};
