import { didYouMean } from "../base/nearest.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Command } from "../command/command.ts";
import type { Landing } from "../command/landing.ts";
import { type Explanation, explanationOf } from "./explanation.ts";
import { columnsOf, painter, printable } from "./print.ts";
import { table } from "./table.ts";
import { type Context, EXIT } from "./verb.ts";

/** Tells of one command; gives the exit code. `toTool` makes of it what a client is told. */
export function explainCommand(context: Context, { name, catalogue, isJson, toTool }: Wanted): number {
  const command = catalogue.commands.find((each) => each.name === name);
  if (!command) {
    const names = catalogue.commands.map((each) => each.name);
    const hint = didYouMean(name, names) || "`mcpfier list` tells which there are";
    context.stderr.write(`mcpfier: there is no command ${JSON.stringify(name)}: ${hint}\n`);
    return EXIT.findings;
  }
  const explanation = explanationOf(command, toTool(command), catalogue.secrets);
  if (isJson) context.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`);
  else print(context, explanation, command.description);
  return EXIT.fine;
}

interface Wanted {
  readonly name: string;
  readonly catalogue: Catalogue;
  readonly isJson: boolean;
  readonly toTool: (command: Command) => unknown;
}

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
