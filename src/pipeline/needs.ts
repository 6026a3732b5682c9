import { randomUUID } from "node:crypto";
import type { Call, Middleware, Next, Outcome } from "./call.ts";
import { notify } from "./notice.ts";

/**
 * Runs the commands that a command needs before it, one after the other, each once for a call, and without arguments. When one
 * does not complete, the command does not run, and its outcome is that of the need. `run` is the whole way of a call.
 */
export function needs(run: Next): Middleware {
  async function meet(call: Call, next: Next): Promise<Outcome> {
    if (call.dryRun) return plannedWith(call, await next(call));
    for (const name of call.command.needs) {
      if (call.met.has(name)) continue;
      const outcome = await run(callFor(name, call));
      if (outcome.kind !== "completed") return unmet(call, name, outcome);
      call.met.add(name);
    }
    return next(call);
  }

  return (call, next) => (call.command.needs.length === 0 && !call.dryRun ? next(call) : meet(call, next));
}

/** What it prints is not the result, so that none of it is passed on as such. */
function callFor(name: string, call: Call): Call {
  const command = call.commands.get(name);
  if (!command) throw new Error(`a checked catalogue lacks "${name}", which "${call.command.name}" needs`);
  const { stderr, doing, reading } = call.watch;
  return {
    ...call,
    command,
    context: { ...call.context, callId: randomUUID() },
    given: {},
    values: new Map(),
    attempt: 1,
    watch: {
      stdout: stderr,
      stderr,
      doing: (what) => doing(`${what} ("${name}", which it needs)`),
      reading,
      again: ignore,
      started: () => doing(`running "${name}", which it needs,`),
    },
  };
}

const HOW = {
  failed: "failed",
  timed_out: "timed out",
  cancelled: "was cancelled",
  limited: "was stopped by a limit",
  unknown: "was lost sight of",
} as const;

function unmet(call: Call, name: string, outcome: Outcome): Outcome {
  const told = { callId: call.context.callId, tool: call.command.name };
  const { need = name } = outcome;
  if (outcome.kind === "refused") {
    const first = `"${name}", which this tool needs, was refused (${outcome.code}), so it did not run:`;
    return { ...outcome, ...told, need, problems: [first, ...outcome.problems] };
  }
  if (outcome.kind === "planned" || outcome.kind === "handed_off" || outcome.kind === "completed")
    throw new Error(`"${name}", which "${told.tool}" needs, was ${outcome.kind}`);
  const first = `"${name}", which this tool needs, ${HOW[outcome.kind]}, so it did not run`;
  notify(call, first.replace("this tool", `"${told.tool}"`));
  return { ...outcome, ...told, need, shown: { ...outcome.shown, text: `${first}:\n\n${outcome.shown.text}` } };
}

function plannedWith(call: Call, outcome: Outcome): Outcome {
  return outcome.kind === "planned" ? { ...outcome, needs: needsOf(call) } : outcome;
}

/** The commands that would run before it, also for each other, in their order. */
export function needsOf({ command, commands }: Pick<Call, "command" | "commands">): readonly string[] {
  const order = new Set<string>();
  const visit = (names: readonly string[]): void => {
    for (const name of names) {
      if (order.has(name)) continue;
      visit(commands.get(name)?.needs ?? []);
      order.add(name);
    }
  };
  visit(command.needs);
  return [...order];
}

function ignore(): void {
  // Its output is not held back.
}
