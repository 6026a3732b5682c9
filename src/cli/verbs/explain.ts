import { didYouMean } from "../../base/nearest.ts";
import type { Landing } from "../../command/landing.ts";
import { type Explanation, explanationOf } from "../explanation.ts";
import { openCatalogue } from "../open.ts";
import { columnsOf, painter, printable } from "../print.ts";
import { table } from "../table.ts";
import { type Context, EXIT, type Verb } from "../verb.ts";

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
    const command = catalogue.commands.find((each) => each.name === name);
    if (!command) {
      const hint =
        didYouMean(
          name,
          catalogue.commands.map((each) => each.name),
        ) || "`mcpfier list` tells which there are";
      context.stderr.write(`mcpfier: there is no command ${JSON.stringify(name)}: ${hint}\n`);
      return EXIT.findings;
    }
    // What a client is told is the protocol's business, and brings its library.
    const { toTool } = await import("../../mcp/translate.ts");
    const explanation = explanationOf(command, toTool(command), catalogue.secrets);
    if (options["json"] === true) context.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`);
    else print(context, explanation, command.description);
    return EXIT.fine;
  },
};

function print(
  context: Context,
  { name, effect, executor, runs, program, parameters, rules, tool }: Explanation,
  description: string,
): void {
  const { stdout } = context;
  const paint = painter(context, stdout);
  const columns = columnsOf(stdout);
  const head = (text: string): string => `\n${paint("bold", text)}\n`;
  const where = { local: "on this machine", container: "in a container", webhook: "as an HTTP request" }[executor];
  stdout.write(
    `${paint("bold", name)}  ${effect}, ${where}\n${description
      .split("\n")
      .map((line) => `  ${printable(line)}\n`)
      .join("")}`,
  );
  stdout.write(head("Runs"));
  stdout.write(
    runs
      .trimEnd()
      .split("\n")
      .map((line) => `  ${printable(line)}\n`)
      .join(""),
  );
  if (executor === "local")
    stdout.write(`  ${paint("dim", program === null ? "the program was not found" : `(${program})`)}\n`);
  if (parameters.length > 0) {
    const rows = parameters.map((each) => [each.name, each.type, presenceOf(each), landsOf(each)]);
    stdout.write(head("Parameters"));
    stdout.write(
      table(rows, {
        paint,
        columns,
        head: ["name", "type", "given", "where it lands, and what is checked"],
        wide: "wrap",
        indent: "  ",
      }),
    );
  }
  stdout.write(head("Rules"));
  stdout.write(table(Object.entries(rules), { paint, columns, wide: "wrap", indent: "  " }));
  stdout.write(`${head("What a model sees")}${JSON.stringify(tool, null, 2)}\n`);
}

function presenceOf(parameter: Explanation["parameters"][number]): string {
  if (parameter.required) return "required";
  return "default" in parameter ? `default ${JSON.stringify(parameter.default)}` : "optional";
}

function landsOf({ lands, guards }: Explanation["parameters"][number]): string {
  return [lands.map(nameOf).join(" and ") || "nowhere but in conditions", ...guards].join("; ");
}

function nameOf({ kind, place, position }: Landing): string {
  if (kind === "argv") return `argument ${position} (${place})`;
  return kind === "flag" || kind === "variable" ? `${kind} ${place}` : place;
}
