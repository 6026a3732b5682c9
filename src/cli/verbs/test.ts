import { createEngine } from "../../engine.ts";
import { complain, load, locate } from "../open.ts";
import { painter, plural } from "../print.ts";
import { rehearse } from "../rehearse.ts";
import { type Context, EXIT, type Verb } from "../verb.ts";

export const test: Verb = {
  name: "test",
  summary: "render the `tests:` of catalogues and compare, running nothing",
  example: "mcpfier test mcpfier.yaml",
  declare: (parser) => {
    parser.argument("[files...]", "catalogues; default: the one that would be served");
  },
  run: async (context, words) => {
    const files = words.length > 0 ? words : [locate(context)].filter((file) => file !== undefined);
    if (files.length === 0) return EXIT.fatal;
    let code: number = EXIT.fine;
    for (const file of files) code = Math.max(code, await testFile(context, file));
    return code;
  },
};

async function testFile(context: Context, file: string): Promise<number> {
  const loaded = await load(context, file);
  if (!loaded.catalogue) {
    complain(context, loaded);
    return loaded.problems.some((problem) => problem.rule === "file-unreadable") ? EXIT.fatal : EXIT.findings;
  }
  const engine = createEngine(loaded.catalogue, context.host);
  const paint = painter(context, context.stdout);
  const tests = loaded.catalogue.commands.flatMap((command) => command.tests.map((one) => ({ command, one })));
  let failed = 0;
  for (const { command, one } of tests) {
    const differences = await rehearse(engine, command, one);
    if (differences.length === 0) continue;
    failed++;
    context.stdout.write(`${paint("red", "failed")} ${one.file}:${one.line} ${command.name}: ${one.name}\n`);
    for (const { what, expected, came } of differences)
      context.stdout.write(`  ${what}: expected ${expected}\n  ${" ".repeat(what.length)}  came     ${came}\n`);
  }
  const unchecked = tests.filter(({ one }) => one.exit !== null || one.stdout !== null).length;
  const untested = loaded.catalogue.commands.filter((command) => command.tests.length === 0).length;
  const notes = [
    unchecked === 0 ? "" : `${plural(unchecked, "expectation")} of \`exit\` and \`stdout\` not checked: nothing is run`,
    untested === 0 ? "" : `${plural(untested, "command")} without tests`,
  ];
  context.stdout.write(
    `${file}: ${tests.length - failed} passed, ${failed} failed${notes
      .filter((note) => note !== "")
      .map((note) => `; ${note}`)
      .join("")}\n`,
  );
  return failed === 0 ? EXIT.fine : EXIT.findings;
}
