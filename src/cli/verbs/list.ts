import { offeredSchema } from "../../command/offered.ts";
import { openCatalogue } from "../open.ts";
import { EXIT, type Verb } from "../verb.ts";

export const list: Verb = {
  name: "list",
  summary: "list the commands, resources and prompts of the catalogue",
  example: "mcpfier list --json",
  declare: (parser) => {
    parser.option("--json", "print names, descriptions, effects and parameter schemas as JSON");
  },
  run: async (context, _words, options) => {
    const catalogue = await openCatalogue(context);
    if (!catalogue) return EXIT.fatal;
    const { commands, resources, prompts } = catalogue;
    if (options["json"] === true) {
      const tools = commands.map(({ name, title, description, effect, ...command }) => ({
        name,
        title,
        description,
        effect,
        inputSchema: offeredSchema(command),
      }));
      context.stdout.write(`${JSON.stringify(tools, null, 2)}\n`);
      return EXIT.fine;
    }
    const rows = [
      ...commands.map(({ name, effect, description }) => ({ name, kind: effect, description })),
      ...resources.map(({ name, uri, description }) => ({
        name,
        kind: "resource",
        description: `${uri.text} ${description}`.trimEnd(),
      })),
      ...prompts.map(({ name, description }) => ({ name, kind: "prompt", description })),
    ];
    const width = Math.max(0, ...rows.map(({ name }) => name.length));
    for (const { name, kind, description } of rows) {
      context.stdout.write(`${name.padEnd(width)}  ${kind.padEnd(11)}  ${description.split("\n")[0] ?? ""}\n`);
    }
    return EXIT.fine;
  },
};
