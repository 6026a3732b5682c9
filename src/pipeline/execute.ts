import type { Command } from "../command/command.ts";
import type { Ending } from "../executors/executor.ts";
import type { Executors } from "../executors/registry.ts";
import type { RecordTold } from "../stores/recording.ts";
import { type Call, secretsOf, type Next, type Outcome, type Ran } from "./call.ts";
import { createCleaner } from "./cleaner.ts";
import type { Printed } from "./relay.ts";
import { NOT_SHOWN } from "./shown.ts";
import { neverStarted } from "./stopped.ts";
import { createTaps } from "./tap.ts";

/** Carries the plan out and says how it ended. */
export function createExecute(executors: Executors): Next {
  return (call) => execute(executors, call);
}

async function execute(executors: Executors, call: Call): Promise<Outcome> {
  const { command, context, plan, attempt, signal, watch } = call;
  if (!plan) throw new Error("`plan` stands before `execute`");
  if (signal.aborted) return neverStarted(call);
  const told = {
    callId: context.callId,
    tool: command.name,
    durationMs: 0,
    executor: plan.executor,
    attempt,
    cached: false,
    shown: NOT_SHOWN,
  };
  const { stdout, stderr, learn: hide, endRecord } = createTaps(call);
  const printed = (): Printed => ({ stdout: stdout.capture(), stderr: stderr.capture() });
  const learn = (secret: string): void => {
    call.learnt.add(secret);
    hide(secret);
    watch.reading(createCleaner(secretsOf(call)));
  };
  watch.reading(createCleaner(secretsOf(call)));
  watch.started(printed);
  let ending: Ending;
  let record: RecordTold | null;
  try {
    ending = await executors.run(plan, { signal, doing: watch.doing, learn, stdout: stdout.sink, stderr: stderr.sink });
    if (ending.stopped === null) await Promise.all([stdout.end(), stderr.end()]);
  } finally {
    record = await endRecord();
  }
  return {
    ...verdict(command, ending),
    ...told,
    record,
    exitCode: ending.exitCode,
    signal: ending.signal,
    meaning: ending.exitCode === null ? "" : (command.okExitCodes[ending.exitCode] ?? ""),
    limit: ending.limit,
    ...printed(),
    incomplete: ending.incomplete,
    loose: ending.loose,
    ...(ending.answer ? { answer: ending.answer } : {}),
  };
}

type Verdict<Kind = Ran> = Kind extends Ran
  ? Omit<Kind, keyof Omit<Extract<Ran, { kind: "completed" }>, "kind">>
  : never;

/**
 * A stop of ours counts before everything else. Where memory ran out a process was killed, whatever the others made of that; before
 * any other limit counts an exit code that the catalogue calls fine.
 */
function verdict(command: Command, { stopped, remains, lost, limit, exitCode }: Ending): Verdict {
  if (remains || lost !== null)
    return {
      kind: "unknown",
      remains: remains ?? Promise.resolve(),
      why: lost ?? "it was killed, and whether it ended is not known",
    };
  if (stopped === "timeout" || stopped === "idle") return { kind: "timed_out", idle: stopped === "idle" };
  if (stopped === "cancel") return { kind: "cancelled", idle: false };
  if (limit === "memory") return { kind: "limited" };
  if (exitCode !== null && Object.hasOwn(command.okExitCodes, exitCode)) return { kind: "completed" };
  return { kind: limit === null ? "failed" : "limited" };
}
