import { createRedactor } from "../base/secret.ts";
import { refuse } from "../base/refusal.ts";
import type { Command } from "../command/command.ts";
import type { Ending, Sink } from "../executors/executor.ts";
import { executorOf } from "../executors/registry.ts";
import type { Call, Completed, Failed, Outcome, Stopped } from "./call.ts";
import { type Recorder, createRecorder } from "./capture.ts";
import { NOT_SHOWN } from "./shown.ts";

/** Carries the plan out and says how it ended. */
export async function execute({ command, context, plan, signal, watch }: Call): Promise<Outcome> {
  if (!plan) throw new Error("`plan` stands before `execute`");
  if (signal.aborted) throw refuse("server.stopping", "the call was cancelled before it started");
  const stdout = createTap(plan.secrets, command.output.maxBytes, watch.stdout);
  const stderr = createTap(plan.secrets, command.output.maxBytes, watch.stderr);
  const executor = executorOf(command);
  const ending = await executor.run(plan, { signal, stdout: stdout.sink, stderr: stderr.sink });
  await Promise.all([stdout.end(), stderr.end()]);
  return {
    ...verdict(command, ending),
    callId: context.callId,
    tool: command.name,
    durationMs: 0,
    executor: executor.name,
    exitCode: ending.exitCode,
    signal: ending.signal,
    meaning: ending.exitCode === null ? "" : (command.okExitCodes[ending.exitCode] ?? ""),
    stdout: stdout.recorder.capture(),
    stderr: stderr.recorder.capture(),
    incomplete: ending.incomplete,
    shown: NOT_SHOWN,
  };
}

function verdict(
  command: Command,
  ending: Ending,
): { readonly kind: Completed["kind"] | Failed["kind"] | Stopped["kind"] } {
  if (ending.stopped === "timeout") return { kind: "timed_out" };
  if (ending.stopped === "cancel") return { kind: "cancelled" };
  const fine = ending.exitCode !== null && Object.hasOwn(command.okExitCodes, ending.exitCode);
  return { kind: fine ? "completed" : "failed" };
}

interface Tap {
  readonly recorder: Recorder;
  readonly sink: Sink;
  end(): void | Promise<void>;
}

/** Secrets leave the stream before anything else sees it. */
function createTap(secrets: readonly string[], most: number, watch: Sink): Tap {
  const redactor = createRedactor(secrets);
  const recorder = createRecorder(most);
  function pass(clean: Buffer): void | Promise<void> {
    if (clean.length === 0) return;
    recorder.write(clean);
    return watch(clean);
  }
  return { recorder, sink: (chunk) => pass(redactor.write(chunk)), end: () => pass(redactor.end()) };
}
