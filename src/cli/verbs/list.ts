import { offeredSchema } from "../../command/offered.ts";
import { openCatalogue } from "../open.ts";
import { type Style, columnsOf, painter } from "../print.ts";
import { EXIT, type Verb } from "../verb.ts";

const STYLES: ReadonlyMap<string, Style> = new Map([
  ["read", "green"],
  ["write", "yellow"],
  ["destructive", "red"],
]);

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
    const { table } = await import("../table.ts");
    const paint = painter(context, context.stdout);
    context.stdout.write(
      table(
        rows.map((row) => [row.name, row.kind, row.description.split("\n")[0] ?? ""]),
        {
          paint,
          columns: columnsOf(context.stdout),
          head: ["name", "kind", "description"],
          dress: (cell, column, [, kind = ""]) => {
            const style = column === 1 ? STYLES.get(kind) : column === 0 ? "bold" : undefined;
            return style ? paint(style, cell) : cell;
          },
        },
      ),
    );
    return EXIT.fine;
  },
};
