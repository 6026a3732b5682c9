import { isDeepStrictEqual } from "node:util";
import { redact } from "../base/secret.ts";
import type { Command, CommandTest, RequestTest } from "../command/command.ts";
import type { Template } from "../command/template.ts";
import type { Engine } from "../engine.ts";
import { workspaceIn } from "../executors/container/plan.ts";
import type { Plan } from "../executors/plan.ts";

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
  const differences = [
    ...compareArgv(command, test, plan),
    ...compareTexts(command, test, plan),
    ...compareRequest(test.request, plan),
  ];
  return differences.map(({ what, expected, came }) => ({
    what,
    expected: redact(expected, plan.secrets),
    came: redact(came, plan.secrets),
  }));
}

function compareArgv(command: Command, test: CommandTest, plan: Plan): readonly Difference[] {
  if (test.argv === null) return [];
  const expected = test.argv.map((template) => fill(template, placesOf(command, plan)));
  const came = rendered(command, plan).map((text) => nameFiles(text, plan));
  if (isDeepStrictEqual(expected, came)) return [];
  return [{ what: "argv", expected: JSON.stringify(expected), came: JSON.stringify(came) }];
}

/** The argv, or of a shell script what `"$@"` holds. */
function rendered({ program }: Command, { argv }: Plan): readonly string[] {
  return program.kind === "argv" ? argv : argv.slice(argv.indexOf(program.script) + 2);
}

/** A private file stands somewhere else at each call, so a test names it by its parameter. */
function nameFiles(text: string, { files }: Plan): string {
  return files.reduce((whole, { path }) => whole.replaceAll(path, `<file:${path.split("/").at(-1)}>`), text);
}

function compareTexts(command: Command, test: CommandTest, plan: Plan): readonly Difference[] {
  const env = new Map(plan.env.map(({ name, value }) => [name, value]));
  const wanted: readonly (readonly [what: string, expected: Template | null, came: string | null])[] = [
    ...Object.entries(test.env).map(([name, template]) => [name, template, env.get(name) ?? null] as const),
    ...(test.stdin ? [["stdin", test.stdin, plan.stdin] as const] : []),
    ...(test.cwd ? [["cwd", test.cwd, plan.cwd] as const] : []),
  ];
  return wanted.flatMap(([what, template, came]) => {
    const expected = template && fill(template, placesOf(command, plan));
    return expected === came ? [] : [{ what, expected: expected ?? "nothing", came: came ?? "nothing" }];
  });
}

/** A body that is expected as a text is compared as it is sent, any other as JSON. */
function compareRequest(request: RequestTest | null, plan: Plan): readonly Difference[] {
  if (!request || plan.executor !== "webhook") return [];
  const headers = new Map(plan.headers.map(([name, value]) => [name.toLowerCase(), value]));
  const wanted = [
    ...(request.method === null ? [] : [["method", request.method, plan.method] as const]),
    ...(request.url === null ? [] : [["url", request.url, plan.url] as const]),
    ...Object.entries(request.headers).map(([name, value]) => [name, value, headers.get(name.toLowerCase())] as const),
    ...("body" in request ? [["body", request.body, bodyAs(request.body, plan.body)] as const] : []),
  ];
  return wanted.flatMap(([what, expected, came]) =>
    isDeepStrictEqual(expected, came) ? [] : [{ what, expected: told(expected), came: told(came) }],
  );
}

function bodyAs(expected: unknown, body: string | null): unknown {
  if (body === null || typeof expected === "string") return body;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

function told(value: unknown): string {
  return value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
}

/** What the places of an expectation stand for. */
export interface Places {
  /** As the program sees it. */
  readonly workspace: string;
  readonly callId: string;
}

export function placesOf(command: Command, plan: Plan): Places {
  const workspace = plan.executor === "container" ? workspaceIn(command, plan) : command.workspace;
  return { workspace, callId: plan.callId };
}

/** An expectation with its places filled in. */
export function fill(template: Template, { workspace, callId }: Places): string {
  const values: Readonly<Record<string, string>> = { workspace, call_id: callId };
  return template.map((part) => (typeof part === "string" ? part : (values[part.param] ?? ""))).join("");
}
