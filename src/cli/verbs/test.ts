import { dirname, resolve } from "node:path";
import { ENDING_SIGNALS } from "../../base/signals.ts";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { Command, CommandTest } from "../../command/command.ts";
import { type Engine, createEngine } from "../../engine.ts";
import { complain, load, locate } from "../open.ts";
import { expectationsOf, perform } from "../perform.ts";
import { painter, plural } from "../print.ts";
import { type Difference, rehearse } from "../rehearse.ts";
import { type Context, EXIT, type Verb } from "../verb.ts";

export const test: Verb = {
  name: "test",
  summary: "render the `tests:` of catalogues and compare; with --run, also run them",
  example: "mcpfier test mcpfier.yaml",
  declare: (parser) => {
    parser.argument("[files...]", "catalogues; default: the one that would be served");
    parser.option(
      "--run",
      "also run the tests that say `exit` or `stdout`, and compare these; their commands are really run, those that write or delete too",
    );
    parser.option("--yes", "with --run: run also what the catalogue wants to be confirmed");
  },
  run: async (context, words, options) => {
    const files = words.length > 0 ? words : [locate(context)].filter((file) => file !== undefined);
    if (files.length === 0) return EXIT.fatal;
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    for (const name of ENDING_SIGNALS) process.once(name, stop);
    const isAllowed = options["yes"] === true;
    const how = { isRun: options["run"] === true, isAllowed, signal: abort.signal };
    let code: number = EXIT.fine;
    for (const file of files) code = Math.max(code, await testFile(context, file, how));
    return code;
  },
};

interface How {
  /** Whether commands are run, too. */
  readonly isRun: boolean;
  /** Whether also those that want to be confirmed are. */
  readonly isAllowed: boolean;
  /** Ends it before the next test, and the command that runs. */
  readonly signal: AbortSignal;
}

async function testFile(context: Context, file: string, how: How): Promise<number> {
  if (how.signal.aborted) return EXIT.interrupted;
  const loaded = await load(context, file, { root: dirname(resolve(file)) });
  if (!loaded.catalogue) {
    complain(context, loaded);
    return loaded.problems.some((problem) => problem.rule === "file-unreadable") ? EXIT.fatal : EXIT.findings;
  }
  const engine = createEngine(loaded.catalogue, context.host);
  const count = await testAll(context, engine, how);
  await engine.close();
  const notes = notesOn(loaded.catalogue, count, how).filter((note) => note !== "");
  context.stdout.write(`${[`${file}: ${count.passed} passed, ${count.failed} failed`, ...notes].join("; ")}\n`);
  if (how.signal.aborted) return EXIT.interrupted;
  return count.failed === 0 ? EXIT.fine : EXIT.findings;
}

interface Count {
  readonly passed: number;
  readonly failed: number;
  /** How many of them were run. */
  readonly ran: number;
}

async function testAll(context: Context, engine: Engine, how: How): Promise<Count> {
  const paint = painter(context, context.stdout);
  let [passed, failed, ran] = [0, 0, 0];
  for (const command of engine.catalogue().commands) {
    for (const one of command.tests) {
      const { differences, isRun } = await testOne(engine, command, one, how);
      if (how.signal.aborted) return { passed, failed, ran };
      if (isRun) ran++;
      if (differences.length === 0) {
        passed++;
        continue;
      }
      failed++;
      context.stdout.write(`${paint("red", "failed")} ${one.file}:${one.line} ${command.name}: ${one.name}\n`);
      for (const { what, expected, came } of differences)
        context.stdout.write(`  ${what}: expected ${expected}\n  ${" ".repeat(what.length)}  came     ${came}\n`);
    }
  }
  return { passed, failed, ran };
}

/** What renders otherwise than its author thought is not run. */
async function testOne(
  engine: Engine,
  command: Command,
  one: CommandTest,
  { isRun, isAllowed, signal }: How,
): Promise<{ readonly differences: readonly Difference[]; readonly isRun: boolean }> {
  const differences = await rehearse(engine, command, one);
  if (differences.length > 0 || !isRun || one.refused !== null || expectationsOf(one) === 0)
    return { differences, isRun: false };
  return { differences: await perform(engine, { command, test: one, isAllowed, signal }), isRun: true };
}

function notesOn({ commands }: Catalogue, { passed, failed, ran }: Count, { isRun, signal }: How): readonly string[] {
  const tests = commands.flatMap((command) => command.tests);
  const expectations = tests.reduce((sum, one) => sum + expectationsOf(one), 0);
  const untested = commands.filter((command) => command.tests.length === 0).length;
  const left = tests.length - passed - failed;
  return [
    signal.aborted ? `interrupted, ${plural(left, "test")} left` : "",
    isRun ? `${ran} of them were run` : "",
    isRun || expectations === 0
      ? ""
      : `${plural(expectations, "expectation")} of \`exit\` and \`stdout\` not checked: \`--run\` checks them`,
    untested === 0 ? "" : `${plural(untested, "command")} without tests`,
  ];
}
