import { writeFileSync } from "node:fs";
import { discover } from "../../catalogue/discover.ts";
import { faultOf } from "../../base/files.ts";
import type { Finding, Found } from "../checks/check.ts";
import { load } from "../open.ts";
import { columnsOf, painter, plural } from "../print.ts";
import { type Context, EXIT, type Verb } from "../verb.ts";

const SIGNS = { fine: ["green", "✔"], warning: ["yellow", "▲"], error: ["red", "✖"] } as const;

export const doctor: Verb = {
  name: "doctor",
  summary: "tell what this machine can and cannot do, and what to do about it",
  example: "mcpfier doctor",
  declare: (parser) => {
    parser.option("--json", "print the findings as JSON");
    parser.option("--report <file>", "also write what a bug report needs, with nothing secret in it");
  },
  run: async (context, _words, options) => {
    // They bring the client of engines, which no other start needs.
    const { checks } = await import("../checks/registry.ts");
    const found = await find(context);
    const findings: Finding[] = [];
    for (const check of checks) findings.push(...(await check(context, found)));
    if (options["json"] === true) context.stdout.write(`${JSON.stringify(findings.map(shown), null, 2)}\n`);
    else await print(context, findings);
    const file = options["report"];
    if (typeof file === "string" && !(await writeReport(context, file, findings, found))) return EXIT.fatal;
    return findings.some(({ status }) => status === "error") ? EXIT.findings : EXIT.fine;
  },
};

function shown({ status, name, text, mend }: Finding): object {
  return { status, name, text: text.text, mend };
}

async function find(context: Context): Promise<Found | null> {
  const discovered = discover(context.global.config, context.host, context.cwd);
  return "file" in discovered ? { file: discovered.file, loaded: await load(context, discovered.file) } : null;
}

async function print(context: Context, findings: readonly Finding[]): Promise<void> {
  const { table } = await import("../table.ts");
  const { stdout } = context;
  const paint = painter(context, stdout);
  const rows = findings.flatMap(({ status, name, text, mend }) => [
    [SIGNS[status][1], name, text.text],
    ...(mend === "" ? [] : [["", "", `→ ${mend}`]]),
  ]);
  const colour = new Map<string, "green" | "yellow" | "red">(
    Object.values(SIGNS).map(([style, sign]) => [sign, style]),
  );
  stdout.write(
    table(rows, {
      paint,
      columns: columnsOf(stdout),
      wide: "wrap",
      dress: (cell, column, [sign = ""]) => {
        const style = colour.get(sign);
        if (column === 0) return style ? paint(style, cell) : cell;
        return style ? cell : paint("dim", cell);
      },
    }),
  );
  const count = (status: Finding["status"]): number => findings.filter((each) => each.status === status).length;
  context.stderr.write(`mcpfier: ${plural(count("error"), "error")}, ${plural(count("warning"), "warning")}\n`);
}

/** Never in the place of something that is there. */
async function writeReport(
  context: Context,
  file: string,
  findings: readonly Finding[],
  found: Found | null,
): Promise<boolean> {
  const { bugReport } = await import("../bug-report.ts");
  try {
    writeFileSync(file, bugReport(context, findings, found), { flag: "wx", mode: 0o600 });
  } catch (error) {
    context.stderr.write(`mcpfier: ${file} cannot be written: ${faultOf(error)}\n`);
    return false;
  }
  context.stderr.write(
    `mcpfier: ${file} holds no text of yours but the names of commands, parameters and programs; read it before you send it\n`,
  );
  return true;
}
