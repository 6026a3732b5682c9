import { isDeepStrictEqual } from "node:util";
import type { Command, CommandTest } from "../command/command.ts";
import type { Template } from "../command/template.ts";
import type { Engine } from "../engine.ts";
import type { LocalPlan } from "../executors/plan.ts";

/** One thing that a test expected otherwise. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly came: string;
}

/** Renders a test of a command, running nothing, and compares; no differences: it passes. */
export async function rehearse(engine: Engine, command: Command, test: CommandTest): Promise<readonly Difference[]> {
  const outcome = await engine.call({ tool: command.name, arguments: test.args, dryRun: true });
  if (outcome.kind === "refused") {
    if (test.refused === outcome.code) return [];
    return [
      {
        what: "outcome",
        expected: test.refused === null ? "a plan" : `refused (${test.refused})`,
        came: `refused (${outcome.code}): ${outcome.problems.join("; ")}`,
      },
    ];
  }
  if (outcome.kind !== "planned") throw new Error(`a dry run ended as ${outcome.kind}`);
  if (test.refused !== null) return [{ what: "outcome", expected: `refused (${test.refused})`, came: "a plan" }];
  const { plan } = outcome;
  return [...compareArgv(command, test, plan), ...compareEnv(test, plan), ...compareStdin(test, plan)];
}

function compareArgv(command: Command, test: CommandTest, plan: LocalPlan): readonly Difference[] {
  if (test.argv === null) return [];
  const expected = test.argv.map((template) => fill(template, command, plan));
  const came = rendered(command, plan).map((text) =>
    plan.files.reduce((whole, file) => whole.replaceAll(file.path, `<file:${file.path.split("/").at(-1)}>`), text),
  );
  return isDeepStrictEqual(expected, came)
    ? []
    : [{ what: "argv", expected: JSON.stringify(expected), came: JSON.stringify(came) }];
}

/** The argv, or of a shell script what `"$@"` holds. */
function rendered({ program }: Command, { argv }: LocalPlan): readonly string[] {
  return program.kind === "argv" ? argv : argv.slice(argv.indexOf(program.script) + 2);
}

function fill(template: Template, command: Command, plan: LocalPlan): string {
  return template
    .map((part) => (typeof part === "string" ? part : part.param === "workspace" ? command.workspace : plan.callId))
    .join("");
}

function compareEnv(test: CommandTest, plan: LocalPlan): readonly Difference[] {
  const came = new Map(plan.env.map(({ name, value }) => [name, value]));
  return Object.entries(test.env).flatMap(([name, value]) => {
    const found = came.get(name) ?? null;
    return found === value ? [] : [{ what: name, expected: value ?? "not set", came: found ?? "not set" }];
  });
}

function compareStdin(test: CommandTest, plan: LocalPlan): readonly Difference[] {
  if (test.stdin === null || test.stdin === plan.stdin) return [];
  return [{ what: "stdin", expected: JSON.stringify(test.stdin), came: JSON.stringify(plan.stdin) }];
}
