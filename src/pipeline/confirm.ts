import { type Refusal, type RefusalCode, refuse } from "../base/refusal.ts";
import type { Executors } from "../executors/registry.ts";
import type { Call, Middleware, Next, Outcome } from "./call.ts";
import { needsOf } from "./needs.ts";
import { type Answer, type Wish, hashOfPlan, questionFor } from "./question.ts";
import { settled } from "./validate.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/**
 * Has somebody confirm what a call would run, where its command or one that it needs says `confirm`: before anything of it
 * runs, in one question, and only the very plan that was shown. Whatever is not a plain yes is a refusal.
 */
export function createConfirm(executors: Executors, room: WaitingRoom): Middleware {
  async function confirm(call: Call, next: Next): Promise<Outcome> {
    const { command, caller, given, ask, signal } = call;
    const wishes = await wishesOf(executors, call);
    if (wishes.length === 0) return next(call);
    const about = { tool: command.name, callId: call.context.callId, caller, given, needs: needsOf(call) };
    const asked = questionFor(about, wishes);
    if (!ask) throw refusalOf("unavailable", command.name, room.waitMs);
    call.watch.doing("waiting for the user to confirm it");
    const answer = await room.wait((either) => ask(asked, either), call);
    // It goes on to its end, for nothing is started any more.
    if (signal.aborted) return next(call);
    if (answer !== "accepted") throw refusalOf(answer, command.name, room.waitMs);
    // A path may lead elsewhere than it did when the question was asked.
    const now = { ...call, values: await settled(command, given) };
    const again = await wishesOf(executors, now);
    if (questionFor(about, again).hash !== asked.hash) throw changed(command.name);
    const approved = again.map(({ command: { name }, plan }) => [name, hashOfPlan(plan)] as const);
    return next({ ...now, approved: new Map([...call.approved, ...approved]) });
  }

  return (call, next) => {
    const { command, dryRun, signal } = call;
    const isPlain = command.confirm === null && command.needs.length === 0;
    return isPlain || dryRun || signal.aborted ? next(call) : confirm(call, next);
  };
}

/** Refuses a plan that is not the one that was confirmed. */
export function checkConfirmed({ command, approved, signal }: Call, plan: Wish["plan"]): void {
  // Of a cancelled call nothing is run.
  if (command.confirm === null || signal.aborted) return;
  if (approved.get(command.name) !== hashOfPlan(plan)) throw changed(command.name);
}

/** The commands that a call would run and nobody confirmed so far, in their order. */
async function wishesOf(executors: Executors, call: Call): Promise<readonly Wish[]> {
  const { command, commands, context, approved } = call;
  const wishes: Wish[] = [];
  for (const name of [...needsOf(call), command.name]) {
    const one = name === command.name ? command : commands.get(name);
    if (!one || one.confirm === null || approved.has(name)) continue;
    const values = one === command ? call.values : await settled(one, {});
    wishes.push({ command: one, values, plan: executors.plan(one, values, context) });
  }
  return wishes;
}

const REFUSED = {
  unavailable: "confirm.unavailable",
  declined: "confirm.declined",
  asked: "confirm.asked",
  late: "confirm.late",
} as const satisfies Record<Exclude<Answer | "late", "accepted">, RefusalCode>;

function refusalOf(answer: keyof typeof REFUSED, tool: string, waitMs: number): Refusal {
  const texts: Record<typeof answer, string> = {
    unavailable: `expected a user who confirms "${tool}" before it runs, and nobody can be asked here: call it from a client that can ask its user (elicitation), or on the command line from a terminal; who may decide allows it by \`mcpfier run ${tool} --yes\``,
    declined: `the user did not confirm "${tool}", so that nothing was run; call it again only when the user asks for it`,
    asked: `the user is asked whether "${tool}" may run; the answer belongs into the same call, sent once more`,
    late: `nobody confirmed "${tool}" within ${waitMs / 1000} s, so that nothing was run; call it again to have the user asked again`,
  };
  return refuse(REFUSED[answer], texts[answer]);
}

function changed(tool: string): Refusal {
  const text = `what "${tool}" would run is not what was confirmed: a file, a link or the catalogue has changed meanwhile, and it was not run; call it again to have the user asked again`;
  return refuse("confirm.changed", text);
}
