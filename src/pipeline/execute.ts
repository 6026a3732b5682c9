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
  if (signal.reason === "shutdown") throw refuse("server.stopping", "the server is shutting down");
  const told = {
    callId: context.callId,
    tool: command.name,
    durationMs: 0,
    executor: executorOf(command).name,
    shown: NOT_SHOWN,
  };
  if (signal.aborted) return { ...told, ...NEVER_STARTED };
  const stdout = createTap(plan.secrets, command.output.maxBytes, watch.stdout);
  const stderr = createTap(plan.secrets, command.output.maxBytes, watch.stderr);
  const ending = await executorOf(command).run(plan, { signal, stdout: stdout.sink, stderr: stderr.sink });
  if (ending.stopped === null) await Promise.all([stdout.end(), stderr.end()]);
  return {
    ...verdict(command, ending),
    ...told,
    exitCode: ending.exitCode,
    signal: ending.signal,
    meaning: ending.exitCode === null ? "" : (command.okExitCodes[ending.exitCode] ?? ""),
    stdout: stdout.recorder.capture(),
    stderr: stderr.recorder.capture(),
    incomplete: ending.incomplete,
  };
}

const EMPTY = createRecorder(0).capture();
const NEVER_STARTED = {
  kind: "cancelled",
  exitCode: null,
  signal: null,
  meaning: "",
  stdout: EMPTY,
  stderr: EMPTY,
  incomplete: false,
} as const;

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

/** Secrets leave the stream before anything else sees it. A watcher that fails is not asked again; the call goes on. */
function createTap(secrets: readonly string[], most: number, watch: Sink): Tap {
  const redactor = createRedactor(secrets);
  const recorder = createRecorder(most);
  let isWatched = true;
  const giveUp = (): void => void (isWatched = false);

  function pass(clean: Buffer): void | Promise<void> {
    if (clean.length === 0) return;
    recorder.write(clean);
    if (!isWatched) return;
    try {
      return watch(clean)?.catch(giveUp);
    } catch {
      giveUp();
    }
  }
  return { recorder, sink: (chunk) => pass(redactor.write(chunk)), end: () => pass(redactor.end()) };
}
